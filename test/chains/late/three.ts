import { Tally } from "./tally.js";
import { three } from "./three.gen.js";

const LENGTH = 3000;
const tally = new Tally("three", LENGTH);

export default three({
  also(ctx, m) {
    ctx.switch(m.flow, "heard");
  },
  heard(_ctx, m) {
    tally.hear(m);
  },
  end() {
    tally.print();
  },
});
