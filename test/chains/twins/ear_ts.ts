// ear_ts: tells all that it hears; the same as ear_c.c.
import { logLine } from "../log.js";
import { ear_ts, type Flow } from "./ear_ts.gen.js";

const EPOCH = 1_700_000_000_000;

interface Message {
  readonly time: number;
  readonly flow: Flow;
  readonly flowClientPort: number;
  readonly ipTtl: number;
}

function tell(event: string, m: Message, rest = ""): void {
  const at = Math.round((m.time - EPOCH) * 1000);
  logLine(
    `ear_ts ${event} at ${at} flow ${m.flow.generation} port ${m.flowClientPort} ttl ${m.ipTtl}${rest}`,
  );
}

export default ear_ts({
  pkt(_ctx, m) {
    tell("PKT", m);
  },
  pkt_ip(_ctx, m) {
    tell("PKT_IP", m);
  },
  pkt_tcp(_ctx, m) {
    tell("PKT_TCP", m);
  },
  pkt_udp(_ctx, m) {
    tell("PKT_UDP", m);
  },
  pkt_icmp(_ctx, m) {
    tell("PKT_ICMP", m);
  },
  pkt_malformed(_ctx, m) {
    tell("PKT_MALFORMED", m, ` reason ${m.reason}`);
  },
  flow_tcp(_ctx, m) {
    tell("FLOW_TCP", m);
  },
  flow_start(ctx, m) {
    ctx.setTimer(m.flow, 3);
    tell("FLOW_START", m, ` midstream ${Number(m.midstream)}`);
  },
  flow_established(_ctx, m) {
    tell("FLOW_ESTABLISHED", m);
  },
  flow_rexmit(_ctx, m) {
    tell("FLOW_REXMIT", m, ` dir ${m.dir} offset ${m.offset} length ${m.length}`);
  },
  flow_overlap(_ctx, m) {
    tell("FLOW_OVERLAP", m, ` dir ${m.dir} offset ${m.offset} length ${m.length} conflict ${m.conflict}`);
  },
  flow_gap(_ctx, m) {
    tell("FLOW_GAP", m, ` dir ${m.dir} offset ${m.offset} length ${m.length}`);
  },
  flow_end(_ctx, m) {
    tell("FLOW_END", m, ` reason ${m.reason}`);
  },
  flow_udp(_ctx, m) {
    tell("FLOW_UDP", m, ` phase ${m.phase}`);
  },
  flow_icmp(_ctx, m) {
    tell("FLOW_ICMP", m, ` phase ${m.phase}`);
  },
  flow_icmp_error(_ctx, m) {
    tell("FLOW_ICMP_ERROR", m, ` dir ${m.dir} kind ${m.kind} type ${m.type} code ${m.code} mtu ${m.mtu}`);
  },
  timer(_ctx, m) {
    tell("TIMER", m);
  },
  data_tcp(_ctx, m) {
    tell(
      "DATA_TCP",
      m,
      ` dir ${m.dir} offset ${m.offset} bytes ${String.fromCharCode(...m.bytes.subarray(m.start, m.end))}`,
    );
  },
  note(_ctx, m) {
    tell("NOTE", m, ` number ${m.number}`);
  },
});
