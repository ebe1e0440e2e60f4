import { speak } from "./speak.gen.js";
import { Watch } from "./watch.js";

const watch = new Watch("speak");

export default speak({
  pkt_udp(ctx, m) {
    watch.count();
    ctx.publish.SAID({ flow: m.flow, length: m.ipLength });
  },
  end: () => watch.end(),
});
