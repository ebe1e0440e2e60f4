import { logLine } from "../log.js";
import { ts_keeper } from "./ts_keeper.gen.js";

export default ts_keeper({
  said(ctx, m) {
    if (m.word === "on") ctx.switch(m.flow, "heard");
    if (m.word === "off") ctx.switch(m.flow, "ignore");
    logLine(`ts_keeper said ${m.word}`);
  },
  heard(_ctx, m) {
    const text = Buffer.from(m.bytes.subarray(m.start, m.end)).toString("latin1");
    logLine(`ts_keeper heard ${m.dir} ${m.offset} ${text}`);
  },
});
