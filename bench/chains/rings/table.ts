// table: counts by flow in a table of its own.
import { table } from "./table.gen.js";

const byFlow = new Map<number, number>();
/** An instance: in a variable, or a literal's member, V8 would box what outgrows 31 bits. */
class Total {
  sum = 0;
}

const total = new Total();

const handlers = table({
  pkt_tcp(_ctx, m) {
    const { id } = m.flow;
    const packets = (byFlow.get(id) ?? 0) + 1;
    byFlow.set(id, packets);
    total.sum += packets;
  },
});

/** The bench compares it with what the handler in C comes to. */
export default Object.assign(handlers, { sum: () => total.sum });
