import { table } from "./table.gen.js";
import { Watch } from "./watch.js";

const watch = new Watch("table");
const packets = new Map<number, number>();

export default table({
  pkt_udp(_ctx, m) {
    watch.count();
    const { id } = m.flow;
    packets.set(id, (packets.get(id) ?? 0) + 1);
  },
  flow_udp(_ctx, m) {
    if (m.phase === "end") packets.delete(m.flow.id);
  },
  end: () => watch.end(),
});
