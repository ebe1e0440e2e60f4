import { ts_udp } from "./ts_udp.gen.js";

const XYZ = new Uint8Array([88, 89, 90]);

export default ts_udp({
  pkt_udp(ctx, m) {
    ctx.setIpSrc(m.ipVersion === 6 ? "2001:db8::7" : "192.0.2.7");
    ctx.setIpDst(m.ipVersion === 6 ? "2001:db8::9" : "192.0.2.9");
    ctx.setUdpSport(111);
    ctx.setUdpDport(222);
    ctx.setPayload(1, XYZ);
  },
});
