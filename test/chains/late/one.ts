import { one } from "./one.gen.js";
import { Tally } from "./tally.js";

const LENGTH = 3000;
const tally = new Tally("one", LENGTH);

export default one({
  decided(ctx, m) {
    ctx.switch(m.flow, "heard");
    ctx.publish.ALSO({ flow: m.flow, number: 1 });
  },
  heard(_ctx, m) {
    tally.hear(m);
  },
  flow_end(_ctx, m) {
    tally.complete(m.flow.id);
  },
  end() {
    tally.print();
  },
});
