import { strict } from "./strict.gen.js";

export default strict({
  data_tcp(_ctx, m) {
    const said = Buffer.from(m.bytes.subarray(m.start, m.end)).toString("latin1");
    if (said.startsWith("strict, throw")) throw new RangeError("told to throw");
  },
});
