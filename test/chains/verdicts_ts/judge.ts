import { judge } from "./judge.gen.js";

export default judge({
  data_tcp(ctx, m) {
    const text = Buffer.from(m.bytes.subarray(m.start, m.end)).toString("latin1");
    if (text.startsWith("drop")) ctx.dropPacket();
    if (text.startsWith("flow")) ctx.dropFlow(m.flow);
    if (text.startsWith("reset")) ctx.resetFlow(m.flow);
  },
  udp(ctx) {
    ctx.dropPacket();
  },
});
