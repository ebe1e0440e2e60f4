/** C expressions for the catalog's fields, in the place where they are read. */
import { catalogField } from "../../catalog/lookup.ts";

/** Names that stand for things at the place of an expression. */
export interface Scope {
  /** `const struct packet *`; undefined: there is none. */
  readonly packet: string | undefined;
  /** Whether the packet may be NULL here. */
  readonly packetMayBeNull: boolean;
  /** `const struct flow *`, or undefined. */
  readonly flow: string | undefined;
  readonly flowMayBeNull: boolean;
  /** `const struct event *`, or undefined. */
  readonly event: string | undefined;
  /** Whether an NF before this one dropped the packet; undefined where none can tell. */
  readonly dropped?: string;
  /** The record with the snapshot (`r->flow_bytes`), or undefined. */
  readonly record: string | undefined;
}

/** Tests that must hold for the field to exist; and its value when they do. */
export interface FieldExpression {
  readonly guards: readonly string[];
  readonly value: string;
}

const headerFlags = {
  eth: "PACKET_ETH",
  vlan: "PACKET_VLAN",
  ip: "PACKET_IP",
  tcp: "PACKET_TCP",
  udp: "PACKET_UDP",
  icmp: "PACKET_ICMP",
} as const;

const packetValues: Readonly<Record<string, (p: string) => string>> = {
  "eth.src": (p) => `packet_eth_src(${p})`,
  "eth.dst": (p) => `packet_eth_dst(${p})`,
  "eth.type": (p) => `${p}->eth_type`,
  "vlan.id": (p) => `${p}->vlan`,
  "ip.src": (p) => `packet_ip_src(${p})`,
  "ip.dst": (p) => `packet_ip_dst(${p})`,
  "ip.version": (p) => `packet_ip_version(${p})`,
  "ip.proto": (p) => `${p}->proto`,
  "ip.ttl": (p) => `packet_ip_ttl(${p})`,
  "ip.tos": (p) => `packet_ip_tos(${p})`,
  "ip.id": (p) => `packet_ip_id(${p})`,
  "ip.length": (p) => `packet_ip_length(${p})`,
  "tcp.sport": (p) => `${p}->sport`,
  "tcp.dport": (p) => `${p}->dport`,
  "tcp.seq": (p) => `${p}->seq`,
  "tcp.ack": (p) => `${p}->ack`,
  "tcp.window": (p) => `${p}->window`,
  "tcp.urgent": (p) => `${p}->urgent`,
  "udp.sport": (p) => `${p}->sport`,
  "udp.dport": (p) => `${p}->dport`,
  "udp.length": (p) => `packet_udp_length(${p})`,
  "icmp.type": (p) => `(uint8_t)(${p}->sport >> 8)`,
  "icmp.code": (p) => `(uint8_t)${p}->sport`,
  "packet.length": (p) => `rte_pktmbuf_pkt_len(${p}->mbuf)`,
  "packet.time": (p) => `${p}->time`,
};

const flowValues: Readonly<Record<string, (f: string) => string>> = {
  "flow.client.ip": (f) => `flow_client_ip(${f})`,
  "flow.client.port": (f) => `flow_client_port(${f})`,
  "flow.server.ip": (f) => `flow_server_ip(${f})`,
  "flow.server.port": (f) => `flow_server_port(${f})`,
  "flow.protocol": (f) => `${f}->proto`,
  "flow.vlan": (f) => `flow_vlan(${f})`,
  "flow.start": (f) => `${f}->started`,
  "flow.midstream": (f) => `(${f}->flags & FLOW_MIDSTREAM) != 0`,
};

/** Either-end refs as the two fields they stand for. */
const eitherEnds: Readonly<Record<string, readonly [string, string]>> = {
  "ip.addr": ["ip.src", "ip.dst"],
  "tcp.port": ["tcp.sport", "tcp.dport"],
  "udp.port": ["udp.sport", "udp.dport"],
};

/** The same ends in a flow's key. */
const eitherEndsOfFlow: Readonly<
  Record<
    string,
    { readonly guard: (f: string) => string; readonly values: (f: string) => readonly [string, string] }
  >
> = {
  "ip.addr": { guard: () => "", values: (f) => [`flow_client_ip(${f})`, `flow_server_ip(${f})`] },
  "tcp.port": {
    guard: (f) => `${f}->proto == 6`,
    values: (f) => [`flow_client_port(${f})`, `flow_server_port(${f})`],
  },
  "udp.port": {
    guard: (f) => `${f}->proto == 17`,
    values: (f) => [`flow_client_port(${f})`, `flow_server_port(${f})`],
  },
};

/** Expressions of a field: two for either-end refs. */
export function fieldExpressions(ref: string, scope: Scope): readonly FieldExpression[] {
  const field = catalogField(ref);
  if (field === undefined) throw new Error(`the catalog has no field ${ref}`);
  const ends = eitherEnds[ref];
  if (ends !== undefined && scope.packet === undefined) return endsOfFlow(ref, scope);
  if (ends !== undefined) return ends.map((end) => packetExpression(end, field.header, scope));
  if (scope.packet === undefined && field.stage === "flow-constant" && field.of === "packet")
    return [constantOfFlow(ref, scope)];
  if (field.of === "packet") return [packetExpression(ref, field.header, scope)];
  if (field.of === "stream") return [{ guards: [], value: `${needed(scope.event, ref)}->offset` }];
  return [flowExpression(ref, scope)];
}

function packetExpression(
  ref: string,
  header: keyof typeof headerFlags | undefined,
  scope: Scope,
): FieldExpression {
  const packet = needed(scope.packet, ref);
  if (ref === "packet.dropped") return { guards: [], value: needed(scope.dropped, ref) };
  const guards = scope.packetMayBeNull ? [`${packet} != NULL`] : [];
  if (header !== undefined) guards.push(`(${packet}->flags & ${headerFlags[header]})`);
  const flag = /^tcp\.flags\.(\w+)$/.exec(ref)?.[1];
  if (flag !== undefined) return { guards, value: `(${packet}->tcp_flags & TCP_${flag.toUpperCase()}) != 0` };
  const value = packetValues[ref];
  if (value === undefined) throw new Error(`no C for field ${ref}`);
  return { guards, value: value(packet) };
}

function endsOfFlow(ref: string, scope: Scope): readonly FieldExpression[] {
  const flow = needed(scope.flow, ref);
  const ends = eitherEndsOfFlow[ref];
  if (ends === undefined) throw new Error(`no C for field ${ref} of a flow`);
  const guards = [...flowGuards(scope), ends.guard(flow)].filter((guard) => guard !== "");
  return ends.values(flow).map((value) => ({ guards, value }));
}

function constantOfFlow(ref: string, scope: Scope): FieldExpression {
  const flow = needed(scope.flow, ref);
  if (ref === "ip.version") return { guards: flowGuards(scope), value: `flow_ip_version(${flow})` };
  if (ref === "ip.proto") return { guards: flowGuards(scope), value: `${flow}->proto` };
  throw new Error(`no C for field ${ref} of a flow`);
}

function flowExpression(ref: string, scope: Scope): FieldExpression {
  const flow = needed(scope.flow, ref);
  const constant = flowValues[ref];
  if (constant !== undefined) return { guards: flowGuards(scope), value: constant(flow) };
  if (ref === "flow.duration")
    return { guards: flowGuards(scope), value: `${needed(scope.event, ref)}->time - ${flow}->started` };
  return { guards: [], value: `${needed(scope.record, ref)}->${ref.replaceAll(".", "_")}` };
}

function flowGuards(scope: Scope): string[] {
  return scope.flowMayBeNull && scope.flow !== undefined ? [`${scope.flow} != NULL`] : [];
}

function needed(name: string | undefined, ref: string): string {
  if (name === undefined) throw new Error(`${ref} cannot be read here`);
  return name;
}

/** State of the flow as the stack sees it now; stored into snapshots. `f` is the chain's flow record. */
export function liveFlowValue(ref: string, f: string): string {
  const sums: Readonly<Record<string, string>> = {
    "flow.packets": `${f}->counters.packets[MBX_CLIENT] + ${f}->counters.packets[MBX_SERVER]`,
    "flow.bytes": `${f}->counters.bytes[MBX_CLIENT] + ${f}->counters.bytes[MBX_SERVER]`,
    "flow.client.packets": `${f}->counters.packets[MBX_CLIENT]`,
    "flow.client.bytes": `${f}->counters.bytes[MBX_CLIENT]`,
    "flow.server.packets": `${f}->counters.packets[MBX_SERVER]`,
    "flow.server.bytes": `${f}->counters.bytes[MBX_SERVER]`,
    "flow.rtt": `tcp_track_rtt(&${f}->tcp)`,
    "flow.state": `${f}->flow.state`,
    "flow.client.closed": `tcp_track_closed(&${f}->tcp, MBX_CLIENT)`,
    "flow.server.closed": `tcp_track_closed(&${f}->tcp, MBX_SERVER)`,
    "flow.ttl.changed": `${f}->ttl.changed != 0`,
    "flow.onesided": `flow_onesided(&${f}->flow)`,
  };
  const value = sums[ref];
  if (value === undefined) throw new Error(`no C for the state ${ref}`);
  return value;
}
