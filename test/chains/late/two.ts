import { Tally } from "./tally.js";
import { two } from "./two.gen.js";

const LENGTH = 3000;
const tally = new Tally("two", LENGTH);

export default two({
  also(ctx, m) {
    ctx.switch(m.flow, "heard");
    ctx.publish.ALSO({ flow: m.flow, number: 1 });
  },
  heard(_ctx, m) {
    tally.hear(m);
  },
  end() {
    tally.print();
  },
});
