import { logLine } from "../log.js";
import { ts_relay } from "./ts_relay.gen.js";

export default ts_relay({
  said(ctx, m) {
    logLine(`ts_relay said ${m.flowClientPort} ${m.word}`);
    ctx.publish.ECHO({ flow: m.flow, word: m.word, mood: m.mood, by: "ts" });
  },
  data(_ctx, m) {
    const text = Buffer.from(m.bytes.subarray(m.start, m.end)).toString("latin1");
    logLine(`ts_relay data ${m.flowClientPort} ${text}`);
  },
  counted(_ctx, m) {
    logLine(`ts_relay counted ${m.total}`);
  },
});
