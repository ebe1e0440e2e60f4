// judge: drops packets to a port that no packet has.
import { judge } from "./judge.gen.js";

export default judge({
  pkt_tcp(ctx, m) {
    if (m.tcpDport === 0) ctx.dropPacket();
  },
});
