// flows: counts the packets of each flow.
import { flows } from "./flows.gen.js";

export default flows({
  pkt_tcp(ctx, m) {
    ctx.state(m.flow).packets += 1;
  },
});
