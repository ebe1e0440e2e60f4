import { ts_tcp } from "./ts_tcp.gen.js";

const XYZ = new Uint8Array([88, 89, 90]);

export default ts_tcp({
  pkt_tcp(ctx, m) {
    ctx.setIpSrc(m.ipVersion === 6 ? "2001:db8::7" : "192.0.2.7");
    ctx.setIpDst(m.ipVersion === 6 ? "2001:db8::9" : "192.0.2.9");
    ctx.setTcpSport(111);
    ctx.setTcpDport(222);
    ctx.setPayload(1, XYZ);
    ctx.setEthSrc("02:00:00:00:00:07");
    ctx.setEthDst("02:00:00:00:00:09");
    ctx.setIpTtl(9);
    ctx.setIpTos(0x48);
    ctx.setTcpWindow(4321);
  },
});
