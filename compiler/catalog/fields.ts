/** The catalog's fields: of packets, flows and streams. */
import type { BuiltinType, FieldDef, FieldStage } from "./types.ts";

type Header = NonNullable<FieldDef["header"]>;

interface Traits {
  readonly stage?: FieldStage;
  readonly writable?: boolean;
  readonly unit?: string;
}

/** A field of a packet's header: readable and filterable, as all of them are. */
function inHeader(
  header: Header,
  name: string,
  type: BuiltinType,
  doc: string,
  traits: Traits = {},
): FieldDef {
  return {
    name: `${header}.${name}`,
    type,
    of: "packet",
    stage: traits.stage ?? "packet",
    header,
    readable: true,
    writable: traits.writable ?? false,
    filterable: true,
    ...(traits.unit === undefined ? {} : { unit: traits.unit }),
    doc,
  };
}

/** A name for "source or destination": the same for every packet of a flow. */
function eitherEnd(header: Header, name: string, type: BuiltinType, doc: string): FieldDef {
  return {
    ...inHeader(header, name, type, doc, { stage: "flow-constant" }),
    eitherEnd: true,
    readable: false,
  };
}

function ofFlow(name: string, type: BuiltinType, stage: FieldStage, doc: string, unit?: string): FieldDef {
  return {
    name: `flow.${name}`,
    type,
    of: "flow",
    stage,
    readable: true,
    writable: false,
    filterable: true,
    ...(unit === undefined ? {} : { unit }),
    doc,
  };
}

const headerFields: readonly FieldDef[] = [
  inHeader("eth", "src", "mac", "Source address of the frame", { writable: true }),
  inHeader("eth", "dst", "mac", "Destination address of the frame", { writable: true }),
  inHeader("eth", "type", "u16", "EtherType behind all VLAN tags"),
  inHeader("vlan", "id", "u16", "Outer VLAN"),
  inHeader("ip", "src", "ip", "Source address", { writable: true }),
  inHeader("ip", "dst", "ip", "Destination address", { writable: true }),
  eitherEnd("ip", "addr", "ip", "Source or destination address"),
  inHeader("ip", "version", "u8", "4 or 6", { stage: "flow-constant" }),
  inHeader("ip", "proto", "u8", "Protocol behind all extension headers", { stage: "flow-constant" }),
  inHeader("ip", "ttl", "u8", "Time to live, or hop limit", { writable: true }),
  inHeader("ip", "tos", "u8", "Type of service, or traffic class", { writable: true }),
  inHeader("ip", "id", "u32", "Identification; of IPv6 that of its fragment header, else 0"),
  inHeader("ip", "length", "u32", "Whole IP packet with its header", { unit: "bytes" }),
  inHeader("tcp", "sport", "u16", "Source port", { writable: true }),
  inHeader("tcp", "dport", "u16", "Destination port", { writable: true }),
  eitherEnd("tcp", "port", "u16", "Source or destination port"),
  inHeader("tcp", "seq", "u32", "Sequence number, as on the wire"),
  inHeader("tcp", "ack", "u32", "Acknowledgement number, as on the wire"),
  inHeader("tcp", "window", "u16", "Window, not scaled", { writable: true }),
  inHeader("tcp", "urgent", "u16", "Urgent pointer"),
  inHeader("tcp", "flags.fin", "bool", "FIN"),
  inHeader("tcp", "flags.syn", "bool", "SYN"),
  inHeader("tcp", "flags.rst", "bool", "RST"),
  inHeader("tcp", "flags.psh", "bool", "PSH"),
  inHeader("tcp", "flags.ack", "bool", "ACK"),
  inHeader("tcp", "flags.urg", "bool", "URG"),
  inHeader("tcp", "flags.ece", "bool", "ECE"),
  inHeader("tcp", "flags.cwr", "bool", "CWR"),
  inHeader("udp", "sport", "u16", "Source port", { writable: true }),
  inHeader("udp", "dport", "u16", "Destination port", { writable: true }),
  eitherEnd("udp", "port", "u16", "Source or destination port"),
  inHeader("udp", "length", "u16", "Datagram with its header", { unit: "bytes" }),
  inHeader("icmp", "type", "u8", "Type"),
  inHeader("icmp", "code", "u8", "Code"),
];

const packetFields: readonly FieldDef[] = [
  {
    name: "packet.length",
    type: "u32",
    of: "packet",
    stage: "packet",
    readable: true,
    writable: false,
    filterable: true,
    unit: "bytes",
    doc: "Frame, without its check sequence",
  },
  {
    name: "packet.time",
    type: "time",
    of: "packet",
    stage: "packet",
    readable: true,
    writable: false,
    filterable: false,
    unit: "nanoseconds",
    doc: "When it was received or captured, since 1970",
  },
  {
    name: "packet.dropped",
    type: "bool",
    of: "packet",
    stage: "packet",
    readable: true,
    writable: false,
    filterable: false,
    doc: "A network function before this one dropped it: only FLOW events and publications are still heard",
  },
  {
    name: "payload",
    type: "bytes",
    of: "packet",
    stage: "packet",
    readable: true,
    writable: true,
    filterable: false,
    unit: "bytes",
    doc: "What the packet carries behind its last header; its length stays, except on `proxy`",
  },
];

const flowFields: readonly FieldDef[] = [
  ofFlow("packets", "u64", "flow", "Packets of both directions", "packets"),
  ofFlow("bytes", "u64", "flow", "Frame bytes of both directions", "bytes"),
  ofFlow("client.packets", "u64", "flow", "Packets from the client", "packets"),
  ofFlow("client.bytes", "u64", "flow", "Frame bytes from the client", "bytes"),
  ofFlow("server.packets", "u64", "flow", "Packets from the server", "packets"),
  ofFlow("server.bytes", "u64", "flow", "Frame bytes from the server", "bytes"),
  ofFlow("client.ip", "ip", "flow-constant", "Address of who opened the flow"),
  ofFlow(
    "client.port",
    "u16",
    "flow-constant",
    "Port of who opened the flow; of ICMP queries their identifier",
  ),
  ofFlow("server.ip", "ip", "flow-constant", "Address that the flow was opened to"),
  ofFlow(
    "server.port",
    "u16",
    "flow-constant",
    "Port that the flow was opened to; of ICMP queries their identifier",
  ),
  ofFlow("protocol", "u8", "flow-constant", "6 for TCP, 17 for UDP, 1 or 58 for ICMP"),
  ofFlow("vlan", "u16", "flow-constant", "Outer VLAN, 0 without"),
  {
    ...ofFlow("start", "time", "flow", "When its first packet came, since 1970", "nanoseconds"),
    filterable: false,
  },
  ofFlow("duration", "duration", "flow", "From its first packet to this one", "nanoseconds"),
  ofFlow("rtt", "duration", "flow", "Smoothed round trip between both ends, 0 while unknown", "nanoseconds"),
  ofFlow("state", "enum:TcpState", "flow", "State of a TCP flow"),
  ofFlow("midstream", "bool", "flow", "Picked up after its handshake"),
  ofFlow("client.closed", "bool", "flow", "The client's FIN has arrived: the server reads an end of file"),
  ofFlow("server.closed", "bool", "flow", "The server's FIN has arrived: the client reads an end of file"),
  ofFlow("onesided", "bool", "flow", "Only one side has been seen so far"),
  ofFlow(
    "ttl.changed",
    "bool",
    "flow",
    "A packet came with another time to live, or hop limit, than the first of its side: it took another way, or may have ended before the host",
  ),
];

const streamFields: readonly FieldDef[] = [
  {
    name: "stream.offset",
    type: "u64",
    of: "stream",
    stage: "stream",
    readable: true,
    writable: false,
    filterable: true,
    unit: "bytes",
    doc: "Of the event's first byte in its direction's stream",
  },
];

export const fields: readonly FieldDef[] = [...headerFields, ...packetFields, ...flowFields, ...streamFields];
