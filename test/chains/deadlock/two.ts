import { logLine } from "../log.js";
import { two } from "./two.gen.js";

let n = 0;
let packets = 0;

export default two({
  a(ctx) {
    for (let i = 0; i < 10; i++) ctx.publish.B({ n: n++ });
  },
  pkt_udp() {
    packets += 1;
  },
  end() {
    logLine(`two packets ${packets}`);
  },
});
