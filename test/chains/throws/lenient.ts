import { lenient } from "./lenient.gen.js";

export default lenient({
  data_tcp(_ctx, m) {
    const said = Buffer.from(m.bytes.subarray(m.start, m.end)).toString("latin1");
    if (said.startsWith("lenient, throw")) throw new RangeError("told to throw");
  },
});
