// count1: adds up the bytes of each flow.
import { count1 } from "./count1.gen.js";

export default count1({
  data_tcp(ctx, m) {
    ctx.state(m.flow).bytes += m.end - m.start;
  },
});
