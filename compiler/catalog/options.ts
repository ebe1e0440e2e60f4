/** The options of the stacks. Sizes are in bytes, durations in nanoseconds. */
import type { OptionDef, StackKind } from "./types.ts";

const KB = 1024;
const MB = 1024 * KB;
const GB = 1024 * MB;
const SECOND = 1_000_000_000;

/** A table has 2^24 places, and 4096 of them are for flows that have just ended (`STACK_SPARE_FLOWS`). */
const FLOWS_MAX = 16_773_120;

const everyStack: readonly StackKind[] = ["l3", "monitor", "splicer", "endpoint", "proxy"];
const flowStacks: readonly StackKind[] = ["monitor", "splicer", "endpoint", "proxy"];
const betweenStacks: readonly StackKind[] = ["monitor", "splicer"];

/** In the order of the dataplane's bits, `enum packet_tunnel`. */
const tunnels = ["mpls", "pppoe", "gre", "erspan", "ipip", "vxlan", "geneve"] as const;

const idleTime: OptionDef["value"] = {
  kind: "duration",
  min: SECOND / 1000,
  max: 7 * 24 * 3600 * SECOND,
};

export const options: readonly OptionDef[] = [
  {
    name: "match",
    stacks: everyStack,
    value: { kind: "filter" },
    doc: "Packets that the stack takes; all others are forwarded unchanged. Without it: every packet",
  },
  {
    name: "checksum",
    stacks: everyStack,
    value: { kind: "word", words: ["verify", "trust", "device"] },
    default: "verify",
    doc: "Checksums of received packets (IPv4, TCP, UDP, ICMP): computed, believed, or as the device says",
  },
  {
    name: "cores",
    stacks: everyStack,
    value: { kind: "count", min: 1, max: 128 },
    default: 1,
    doc: "Instances of the stack, an lcore each, sharing nothing; `flows`, `buffer` and `fragments` are of all together",
  },
  {
    name: "flows",
    stacks: flowStacks,
    value: { kind: "count", min: 1, max: FLOWS_MAX },
    default: 65_536,
    doc: "Bounds the flow table; when it is full, the oldest embryonic, then the oldest idle flow goes",
  },
  {
    name: "buffer",
    stacks: flowStacks,
    value: { kind: "size", min: 64 * KB, max: 64 * GB },
    default: 64 * MB,
    doc: "Bounds what is held: out of order, for `from start`, as history",
  },
  {
    name: "idle",
    stacks: flowStacks,
    value: idleTime,
    default: 60 * SECOND,
    doc: "A flow without packets for this long ends",
  },
  {
    name: "idle_udp",
    stacks: flowStacks,
    value: idleTime,
    doc: "The same for UDP flows. Without it: as `idle`",
  },
  {
    name: "idle_icmp",
    stacks: flowStacks,
    value: idleTime,
    doc: "The same for flows of ICMP queries. Without it: as `idle`",
  },
  {
    name: "idle_unanswered",
    stacks: flowStacks,
    value: idleTime,
    default: 30 * SECOND,
    doc: "The same for UDP and ICMP flows of which one side only was seen, if it is the shorter time",
  },
  {
    name: "fragments",
    stacks: flowStacks,
    value: { kind: "count", min: 0, max: 1_048_576 },
    default: 1024,
    doc: "Bounds the IP datagrams that are put together at one time; 0: none is, fragments pass unread",
  },
  {
    name: "overlap",
    stacks: betweenStacks,
    value: { kind: "word", words: ["linux", "windows", "bsd", "solaris", "first", "last", "old_linux"] },
    default: "linux",
    doc: "Whose bytes win where segments overlap: as the receiving host does it",
  },
  {
    name: "urgent",
    stacks: betweenStacks,
    value: { kind: "word", words: ["drop", "inline"] },
    default: "drop",
    doc: "Whether an urgent byte is part of the stream",
  },
  {
    name: "history",
    stacks: betweenStacks,
    value: { kind: "size", min: 0, max: 1 * MB },
    default: 4 * KB,
    doc: "Delivered bytes kept per direction, to compare what is sent again; used where that is heard or drops are possible",
  },
  {
    name: "unheard",
    stacks: betweenStacks,
    value: { kind: "word", words: ["forward", "drop"] },
    default: "forward",
    doc: "What becomes of TCP bytes that a function would hear and none has heard, where one drops and bytes are heard",
  },
  {
    name: "decap",
    stacks: everyStack,
    value: { kind: "words", words: tunnels, none: "none", all: "all" },
    default: [],
    doc: "Tunnels whose inner packets the stack sees, in any order in each other; others it sees from outside",
  },
  {
    name: "address",
    stacks: ["endpoint", "proxy"],
    value: { kind: "addresses" },
    required: true,
    doc: "Addresses that belong to the stack",
  },
  {
    name: "listen",
    stacks: ["endpoint", "proxy"],
    value: { kind: "ports" },
    required: true,
    doc: "TCP ports on which it accepts connections",
  },
];
