import { logLine } from "../log.js";
import { ts_late } from "./ts_late.gen.js";

export default ts_late({
  echo(_ctx, m) {
    logLine(`ts_late echo ${m.flowClientPort} ${m.word} ${m.mood} by ${m.by}`);
  },
  said(_ctx, m) {
    logLine(`ts_late said ${m.flowClientPort} ${m.word}`);
  },
});
