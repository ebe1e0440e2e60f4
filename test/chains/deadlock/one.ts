import { one } from "./one.gen.js";

let n = 0;

export default one({
  pkt_udp(ctx) {
    for (let i = 0; i < 100; i++) ctx.publish.A({ n: n++ });
  },
});
