import { k } from "./k.gen.js";
import { say, textOf, work } from "./listener.js";

export default k({
  order(ctx, m) {
    work();
    const order = textOf(m);
    say("k", m, `order ${order}`);
    if (order === "k+") ctx.switch(m.flow, "heard");
    if (order === "k-") ctx.switch(m.flow, "ignore");
  },
  heard(_ctx, m) {
    say("k", m, `data ${m.offset} ${textOf(m)}`);
  },
  flow_gap(_ctx, m) {
    say("k", m, `gap ${m.offset} ${m.length}`);
  },
  flow_end(_ctx, m) {
    say("k", m, "end");
  },
});
