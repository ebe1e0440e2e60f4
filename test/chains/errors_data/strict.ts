import { strict } from "./strict.gen.js";

export default strict({
  data_tcp(_ctx, m) {
    if (m.bytes[m.start] === 0x58) throw new Error("this handler throws at X");
  },
});
