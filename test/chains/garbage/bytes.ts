import { bytes } from "./bytes.gen.js";
import { Watch } from "./watch.js";

const watch = new Watch("bytes");
const total = new Float64Array(1);

export default bytes({
  pkt_udp(_ctx, m) {
    watch.count();
    let sum = 0;
    for (let at = m.payloadStart; at < m.payloadEnd; at++) sum += m.bytes[at] ?? 0;
    total[0] = (total[0] ?? 0) + sum;
  },
  end: () => watch.end(),
});
