import { logLine } from "../log.js";
import { LIMIT, NAME, turner, VIP } from "./turner.gen.js";

export default turner({
  sent(ctx, m) {
    const { b, a8, a16, a32, a64, s32, s64, address, six, link, when, took, words, colour, own } = m;
    const values = [b, a8, a16, a32, a64, s32, s64, address, six, link, when, took, words, colour, own];
    logLine(`turner ${values.join(" ")} ${[...m.raw].join(",")} ${LIMIT} ${NAME} ${VIP}`);
    const fields = { b, a8, a16, a32, a64, s32, s64, address, six, link, when, took, words, colour, own };
    ctx.publish.BACK({ flow: m.flow, ...fields, raw: m.raw });
  },
  flow_udp(ctx, m) {
    logLine(`turner udp ${m.flowClientPort} ${m.phase}`);
    if (m.phase === "start") ctx.setTimer(m.flow, 5);
  },
  timer(_ctx, m) {
    logLine(`turner timer ${m.flowClientPort}`);
  },
});
