import { a } from "./a.gen.js";
import { say, textOf, work } from "./listener.js";

export default a({
  order(ctx, m) {
    work();
    const order = textOf(m);
    say("a", m, `order ${order}`);
    if (order === "a+") ctx.switch(m.flow, "heard");
    if (order === "a-") ctx.switch(m.flow, "ignore");
  },
  heard(_ctx, m) {
    work();
    say("a", m, `data ${m.offset} ${textOf(m)}`);
  },
  flow_gap(_ctx, m) {
    say("a", m, `gap ${m.offset} ${m.length}`);
  },
});
