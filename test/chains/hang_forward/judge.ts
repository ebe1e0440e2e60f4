import { judge } from "./judge.gen.js";

const HANG = "hang for ever";

export default judge({
  data_tcp(ctx, m) {
    const said = Buffer.from(m.bytes.subarray(m.start, m.end)).toString("latin1");
    if (said.startsWith("drop me")) ctx.dropPacket();
    if (!said.startsWith(HANG)) return;
    for (;;);
  },
});
