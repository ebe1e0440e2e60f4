import { logLine } from "../log.js";
import { type DataTcp, type FlowTcp, slow } from "./slow.gen.js";

/** So slow that the stack is far ahead. */
function work(): void {
  const end = performance.now() + 0.3;
  while (performance.now() < end);
}

const microseconds = (milliseconds: number): number => Math.round((milliseconds % 1e9) * 1000);

const bits = (...values: readonly boolean[]): string => values.map(Number).join("");

const seen = (m: DataTcp | FlowTcp): string =>
  `${microseconds(m.time)} packets ${m.flowPackets} bytes ${m.flowClientBytes} ${m.flowServerBytes} state ${m.flowState}` +
  ` all ${m.flowClientPackets}+${m.flowServerPackets} ${m.flowBytes}` +
  ` from ${microseconds(m.flowStart)} for ${microseconds(m.flowDuration)}` +
  ` flags ${bits(m.flowClientClosed, m.flowServerClosed, m.flowOnesided, m.flowMidstream)}`;

const rtt = (m: DataTcp | FlowTcp): void =>
  logLine(`slow rtt ${microseconds(m.time)} ${microseconds(m.flowRtt)}`);

export default slow({
  life(_ctx, m) {
    work();
    logLine(`slow life ${m.flowClientPort} ${seen(m)}`);
    rtt(m);
  },
  data(ctx, m) {
    work();
    logLine(`slow data ${m.flowClientPort} ${m.dir} ${m.offset} ${seen(m)}`);
    rtt(m);
    ctx.publish.SAID({ flow: m.flow, offset: m.offset });
    ctx.setTimer(m.flow, 3);
  },
  timer(_ctx, m) {
    work();
    logLine(`slow timer ${m.flowClientPort} ${microseconds(m.time)}`);
  },
});
