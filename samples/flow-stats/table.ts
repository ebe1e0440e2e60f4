// table: one line a flow, as it ends.
import { type FlowEnd, table } from "./table.gen.js";

let flows = 0;
let bytes = 0;

/** `10.0.0.1:80`, or `[2001:db8::1]:80`. */
function endpoint(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function line(
  client: string,
  server: string,
  sent: string,
  received: string,
  ms: string,
  end: string,
): string {
  return `${client.padEnd(28)} ${server.padEnd(28)} ${sent.padStart(18)} ${received.padStart(18)} ${ms.padStart(10)}  ${end}`;
}

function row(m: FlowEnd): string {
  return line(
    endpoint(m.flowClientIp, m.flowClientPort),
    endpoint(m.flowServerIp, m.flowServerPort),
    `${m.flowClientPackets} / ${m.flowClientBytes}`,
    `${m.flowServerPackets} / ${m.flowServerBytes}`,
    m.flowDuration.toFixed(1),
    m.flowMidstream ? `${m.reason}, midstream` : m.reason,
  );
}

export default table({
  flow_end(_ctx, m) {
    if (flows === 0) console.log(line("client", "server", "sent pkt / B", "received pkt / B", "ms", "end"));
    flows += 1;
    bytes += m.flowClientBytes + m.flowServerBytes;
    console.log(row(m));
  },
  end() {
    console.log(`${flows} flows, ${bytes} bytes`);
  },
});
