// state: counts by flow in the state that it declares.
import { state } from "./state.gen.js";

/** An instance: in a variable, or a literal's member, V8 would box what outgrows 31 bits. */
class Total {
  sum = 0;
}

const total = new Total();

const handlers = state({
  pkt_tcp(ctx, m) {
    const state = ctx.state(m.flow);
    state.packets += 1;
    total.sum += state.packets;
  },
});

/** The bench compares it with what the handler in C comes to. */
export default Object.assign(handlers, { sum: () => total.sum });
