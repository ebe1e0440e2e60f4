import { choose } from "./choose.gen.js";
import { Watch } from "./watch.js";

const watch = new Watch("choose");

export default choose({
  odd(ctx, m) {
    watch.count();
    ctx.switch(m.flow, "even");
  },
  even(ctx, m) {
    watch.count();
    ctx.switch(m.flow, "odd");
  },
  end: () => watch.end(),
});
