import { logLine } from "../log.js";
import { guard } from "./guard.gen.js";

export default guard({
  asked(_ctx, m) {
    logLine(`asked ${m.flowClientPort} ${m.datagrams}`);
  },
  pinged(_ctx, m) {
    logLine(`pinged ${m.client} ${m.flowClientPort}`);
  },
  failed(_ctx, m) {
    logLine(`failed ${m.flowClientPort} ${m.kind}`);
  },
  dns(ctx, m) {
    ctx.state(m.flow).heard += 1;
    logLine(`dns ${m.flowClientPort} ${m.phase} ${ctx.state(m.flow).heard}`);
  },
  over(_ctx, m) {
    logLine(`over ${m.flowClientPort} ${m.phase}`);
  },
  big(_ctx, m) {
    logLine(`big ${m.flowClientPort} ${m.dir} ${m.kind} ${m.type}/${m.code} ${m.mtu}`);
  },
  web(_ctx, m) {
    logLine(`web ${m.flowClientPort} ${m.kind}`);
  },
  datagram(ctx, m) {
    const text = Buffer.from(m.bytes.subarray(m.payloadStart, m.payloadEnd)).toString("latin1");
    if (text === "leave") ctx.dropFlow(m.flow);
  },
});
