import { logLine } from "../log.js";
import { ts_counter } from "./ts_counter.gen.js";

export default ts_counter({
  said(ctx, m) {
    const state = ctx.state(m.flow);
    logLine(`ts_counter said ${m.flowClientPort} ${m.word}: ${state.words} before, last ${state.last}`);
    state.words += 1;
    state.last = m.word;
  },
  flow_end(ctx, m) {
    logLine(`ts_counter end ${m.flowClientPort}: ${ctx.state(m.flow).words} words`);
  },
});
