import { plain } from "./plain.gen.js";
import { Watch } from "./watch.js";

const watch = new Watch("plain");
const total = new Float64Array(1);

export default plain({
  pkt_udp(_ctx, m) {
    watch.count();
    total[0] = (total[0] ?? 0) + m.ipLength + m.time;
  },
  end: () => watch.end(),
});
