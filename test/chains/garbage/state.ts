import { state } from "./state.gen.js";
import { Watch } from "./watch.js";

const watch = new Watch("state");
const LARGE = 2 ** 32;

export default state({
  pkt_udp(ctx, m) {
    watch.count();
    const of = ctx.state(m.flow);
    of.packets += 1;
    of.sum += LARGE;
    of.even = !of.even;
    if (of.sum !== of.packets * LARGE || of.even !== (of.packets % 2 === 1))
      throw new Error(`state of another flow: ${of.packets} packets, ${of.sum}`);
  },
  end: () => watch.end(),
});
