/** The built-in enums. Their names are taken in every `.mbx` file. */
import type { EnumDef } from "./types.ts";

export const enums: readonly EnumDef[] = [
  {
    name: "Direction",
    members: ["client", "server"],
    doc: "The sender's side; `client` is who opened the flow",
  },
  {
    name: "MalformedReason",
    members: [
      "none",
      "eth_short",
      "vlan_short",
      "ip_short",
      "ip_version",
      "ip_header_length",
      "ip_length",
      "ip_extension",
      "tcp_short",
      "tcp_offset",
      "tcp_option",
      "udp_short",
      "udp_length",
      "icmp_short",
    ],
    doc: "What made a packet impossible to parse; the prefix is the header at fault. `none` is of no packet that raises PKT_MALFORMED",
  },
  {
    name: "FlowEndReason",
    members: ["fin", "rst", "idle", "evicted", "shutdown"],
    doc: "Why a flow ended: closed by both sides, reset, idle too long, its place was needed, the program stopped",
  },
  {
    name: "OverlapConflict",
    members: ["conflict", "unknown"],
    doc: "Whether overlapping bytes differ from those delivered; `unknown` where these are no longer kept",
  },
  {
    name: "FlowPhase",
    members: ["start", "end", "published"],
    doc: "First packet of a UDP or ICMP flow, or its end; `published` is of an event that extends theirs",
  },
  {
    name: "IcmpErrorKind",
    members: ["unreachable", "too_big", "time_exceeded", "parameter_problem", "redirect", "source_quench"],
    doc: "What an ICMP or ICMPv6 error says; `too_big` is also the ICMP code for a packet that may not be fragmented",
  },
  {
    name: "TcpState",
    members: ["syn_sent", "syn_received", "established", "half_closed", "closing", "closed", "reset"],
    doc: "State of a TCP flow as seen between its ends",
  },
  {
    name: "ConnCloseReason",
    members: ["fin", "rst", "timeout", "refused"],
    doc: "Why a connection that the stack itself ends was closed",
  },
];
