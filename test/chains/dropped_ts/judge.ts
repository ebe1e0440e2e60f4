import { logLine } from "../log.ts";
import { judge } from "./judge.gen.js";

export default judge({
  data_tcp(ctx, m) {
    const text = Buffer.from(m.bytes.subarray(m.start, m.end)).toString("latin1");
    const refused = text.includes("X");
    logLine(`${refused ? "refused" : "passed"} ${m.flowClientPort} ${m.offset} ${text}`);
    if (refused) ctx.dropPacket();
  },
});
