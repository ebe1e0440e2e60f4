import { logLine } from "../log.js";
import { ends } from "./ends.gen.js";

export default ends({
  flow_end(_ctx, m) {
    logLine(`ends end ${m.flowClientIp}.${m.flowClientPort} at: ${m.reason} packets ${m.flowPackets}`);
  },
});
