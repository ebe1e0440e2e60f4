import { judge } from "./judge.gen.js";
import { Watch } from "./watch.js";

const watch = new Watch("judge");

export default judge({
  pkt_udp(ctx) {
    watch.count();
    ctx.dropPacket();
  },
  end: () => watch.end(),
});
