// stats: how many flows ended, and how much they carried.
import { stats } from "./stats.gen.js";

let flows = 0;
let packets = 0;
let bytes = 0;

export default stats({
  flow_end(_ctx, m) {
    flows += 1;
    packets += m.flowPackets;
    bytes += m.flowBytes;
  },
  end() {
    console.log(`stats ${flows} flows, ${packets} packets, ${bytes} bytes`);
  },
});
