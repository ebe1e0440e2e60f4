import { logLine } from "../log.js";
import { worker } from "./worker.gen.js";

const decoder = new TextDecoder("latin1");

export default worker({
  data_tcp(_ctx, m) {
    const text = decoder.decode(m.bytes.subarray(m.start, m.end));
    logLine(`worker ${m.flowClientPort} ${text} ${m.flowTtlChanged ? "changed" : "same"}`);
  },
  suspect(_ctx, m) {
    logLine(`suspect ${m.flowClientPort} ${decoder.decode(m.bytes.subarray(m.start, m.end))}`);
  },
});
