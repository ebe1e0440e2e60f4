/** MBX2xxx: names and types. Those about filters are in `filters.ts`. */
import { define, type Family } from "./define.ts";
import { filters } from "./filters.ts";

const handler = { "watch.c": "" };

export const names = {
  MBX2001: define<{ kind: string; name: string }>({
    severity: "error",
    message: ({ kind, name }) => `there is no ${kind} \`${name}\``,
    label: () => "not declared",
    explain: {
      cause:
        "The name is used, but neither this file nor one that it imports declares it, and it is not built in. " +
        "Names are case-sensitive.",
      failing: 'nf watch {\n  subscribe FLOW_STRAT\n  handler "watch.c"\n}\n',
      repair: 'nf watch {\n  subscribe FLOW_START\n  handler "watch.c"\n}\n',
      files: handler,
    },
  }),
  MBX2002: define<{ kind: string; name: string; previous: string }>({
    severity: "error",
    message: ({ kind, name, previous }) =>
      kind === previous
        ? `${kind} \`${name}\` is declared twice`
        : `${kind} \`${name}\` has the name of ${article(previous)}`,
    label: () => "declared again",
    explain: {
      cause:
        "Constants, enums and events share one space of names, because each becomes a type or a constant in " +
        "the generated code; stacks, network functions and chains have one each. A name stands for one thing " +
        "in a program, its imports included.",
      failing: "const LIMIT = 10\nconst LIMIT = 20\n",
      repair: "const LIMIT = 10\nconst UPPER_LIMIT = 20\n",
    },
  }),
  MBX2003: define<{ name: string; what: string }>({
    severity: "error",
    message: ({ name, what }) => `\`${name}\` is ${article(what)} that the language has already`,
    label: () => "choose another name",
    explain: {
      cause: "The built-in events, enums and types can be used in every file, so their names are taken.",
      failing: "enum Direction { up, down }\n",
      repair: "enum Way { up, down }\n",
    },
  }),
  MBX2004: define<{ field: string; owner: string }>({
    severity: "error",
    message: ({ field, owner }) => `${owner} has two fields \`${field}\``,
    label: () => "declared again",
    explain: {
      cause: "Each field of an event or of a state is a member of one structure in the generated code.",
      failing: "event SEEN extends FLOW_TCP {\n  count: u32\n  count: u64\n}\n",
      repair: "event SEEN extends FLOW_TCP {\n  count: u32\n  total: u64\n}\n",
    },
  }),
  MBX2005: define<{ field: string; event: string; ancestor: string }>({
    severity: "error",
    message: ({ field, event, ancestor }) =>
      `event \`${event}\` declares \`${field}\`, which it inherits from \`${ancestor}\``,
    label: () => "inherited already",
    explain: {
      cause:
        "An event has all fields of those it extends, and every event has `time` and, below `FLOW`, `flow`. " +
        "What is inherited is copied from the event being handled and cannot be declared anew.",
      failing: "event SEEN extends FLOW_TCP {\n  time: u64\n}\n",
      repair: "event SEEN extends FLOW_TCP {\n  seconds: u64\n}\n",
    },
  }),
  MBX2006: define<{ member: string; owner: string }>({
    severity: "error",
    message: ({ member, owner }) => `${owner} has the member \`${member}\` twice`,
    label: () => "listed again",
    explain: {
      cause: "A member's value is its place in the list, so each stands there once.",
      failing: "enum Colour { red, green, red }\n",
      repair: "enum Colour { red, green, blue }\n",
    },
  }),
  MBX2007: define<{ name: string }>({
    severity: "error",
    message: ({ name }) => `there is no type \`${name}\``,
    label: () => "not a type",
    explain: {
      cause:
        "Types are `bool u8 u16 u32 u64 i32 i64 ip mac time duration bytes<N> text<N>`, an `enum { … }` in " +
        "place, and names of enums.",
      failing: "event SEEN extends FLOW_TCP {\n  count: int32\n}\n",
      repair: "event SEEN extends FLOW_TCP {\n  count: i32\n}\n",
    },
  }),
  MBX2008: define<{ type: string; problem: string }>({
    severity: "error",
    message: ({ type, problem }) => `\`${type}\` ${problem}`,
    explain: {
      cause:
        "`bytes` and `text` are stored in place and need the most they may hold, at least 1 and at most 448 " +
        "bytes; all other types have a size of their own.",
      failing: "event SEEN extends FLOW_TCP {\n  name: text\n}\n",
      repair: "event SEEN extends FLOW_TCP {\n  name: text<64>\n}\n",
    },
  }),
  MBX2009: define<{ event: string }>({
    severity: "error",
    message: ({ event }) => `\`${event}\` cannot be extended`,
    label: () => "raised by stacks alone",
    explain: {
      cause:
        "Packet, data and connection events carry what only a stack can fill in. A user event extends `EVENT`, " +
        "`FLOW`, `FLOW_TCP`, `FLOW_UDP`, `FLOW_ICMP`, or another user event.",
      failing: "event SEEN extends DATA_TCP {\n  count: u32\n}\n",
      repair: "event SEEN extends FLOW_TCP {\n  count: u32\n}\n",
    },
  }),
  MBX2010: define<{ cycle: readonly string[] }>({
    severity: "error",
    message: ({ cycle }) => `event \`${cycle[0] ?? ""}\` extends itself: ${arrows(cycle)}`,
    label: () => "closes the circle",
    explain: {
      cause: "Following `extends` must end at a built-in event, which says what the event is about.",
      failing: "event FIRST extends SECOND { }\nevent SECOND extends FIRST { }\n",
      repair: "event FIRST extends FLOW { }\nevent SECOND extends FIRST { }\n",
    },
  }),
  MBX2011: define<{ cycle: readonly string[] }>({
    severity: "error",
    message: ({ cycle }) => `constant \`${cycle[0] ?? ""}\` is made of itself: ${arrows(cycle)}`,
    label: () => "closes the circle",
    explain: {
      cause: "A constant's value is computed when the file is compiled, so it must end at a literal.",
      failing: "const LOW = HIGH\nconst HIGH = LOW\n",
      repair: "const LOW = 1\nconst HIGH = LOW\n",
    },
  }),
  MBX2012: define<{ cycle: readonly string[] }>({
    severity: "error",
    message: ({ cycle }) => `this import closes a circle: ${arrows(cycle)}`,
    explain: {
      cause:
        "Files that import each other have no order. Put what both need in a third file that both import.",
      failing: 'import "one.mbx"\n',
      repair: 'import "one.mbx"\n',
      files: { "one.mbx": 'import "two.mbx"\n', "two.mbx": 'import "one.mbx"\n' },
      repairFiles: { "one.mbx": 'import "two.mbx"\n', "two.mbx": "const LIMIT = 1\n" },
    },
  }),
  MBX2013: define<{ path: string }>({
    severity: "error",
    message: ({ path }) => `there is no file \`${path}\` that can be read`,
    label: () => "not found",
    explain: {
      cause: "The path of an import is relative to the file that imports.",
      failing: 'import "evnets.mbx"\n',
      repair: 'import "events.mbx"\n',
      files: { "events.mbx": "const LIMIT = 1\n" },
    },
  }),
  MBX2014: define<{ kind: string; name: string; file: string }>({
    severity: "error",
    message: ({ kind, name, file }) =>
      `${kind} \`${name}\` is declared in \`${file}\`, which this file does not import`,
    label: () => "not visible here",
    explain: {
      cause:
        "A file sees its own declarations and those of the files that it imports, directly or through them; " +
        "not those of the files that import it. So it means the same in every program.",
      failing: 'import "events.mbx"\nenum App { http, tls }\n',
      repair: 'import "events.mbx"\n',
      files: { "events.mbx": "event SEEN extends FLOW_TCP {\n  app: App\n}\n" },
      repairFiles: { "events.mbx": "enum App { http, tls }\nevent SEEN extends FLOW_TCP {\n  app: App\n}\n" },
    },
  }),
  MBX2015: define<{ cycle: readonly string[] }>({
    severity: "error",
    message: ({ cycle }) => `\`${cycle[0] ?? ""}\` is an instance of itself: ${arrows(cycle)}`,
    label: () => "closes the circle",
    explain: {
      cause: "`nf b = a` is another instance of `a`, which must have a body of its own in the end.",
      failing: "nf first = second\nnf second = first\n",
      repair: 'nf first = second\nnf second {\n  subscribe FLOW_START\n  handler "watch.c"\n}\n',
      files: handler,
    },
  }),
  MBX2016: define<{ name: string }>({
    severity: "error",
    message: ({ name }) => `constant \`${name}\` mixes values of different types`,
    explain: {
      cause: "The values of a set are compared with the same field, so they have the same type.",
      failing: "const TARGETS = { 10.0.0.1, 80 }\n",
      repair: "const TARGETS = { 10.0.0.1, 10.0.0.2 }\n",
    },
  }),
  MBX2017: define<{ list: string; name: string }>({
    severity: "warning",
    message: ({ list, name }) => `\`${name}\` is listed twice in \`${list}\``,
    label: () => "has no effect",
    explain: {
      cause: "Saying it once is enough.",
      failing: 'nf watch {\n  subscribe FLOW_END\n  reads flow.bytes, flow.bytes\n  handler "watch.c"\n}\n',
      repair: 'nf watch {\n  subscribe FLOW_END\n  reads flow.bytes, flow.packets\n  handler "watch.c"\n}\n',
      files: handler,
    },
  }),
  MBX2018: define<{ name: string; list: "reads" | "writes" }>({
    severity: "error",
    message: ({ name, list }) => `\`${name}\` is nothing that a network function ${list}`,
    label: () => "no such field",
    explain: {
      cause:
        "`reads` and `writes` name fields of the packet, the flow or the stream. An event's own fields are " +
        "always in its message and are not named.",
      failing: 'nf watch {\n  subscribe FLOW_END\n  reads flow.size\n  handler "watch.c"\n}\n',
      repair: 'nf watch {\n  subscribe FLOW_END\n  reads flow.bytes\n  handler "watch.c"\n}\n',
      files: handler,
    },
  }),
  MBX2019: define<{ name: string; list: "reads" | "writes"; reason: string }>({
    severity: "error",
    message: ({ name, list, reason }) =>
      `\`${name}\` cannot be ${list === "reads" ? "read" : "written"}: ${reason}`,
    explain: {
      cause:
        "Fields that stand for either end of a flow have no single value, and what a stack computes or what " +
        "the length of a packet decides cannot be set.",
      failing: 'nf mark {\n  subscribe PKT_TCP\n  writes tcp.seq\n  handler "watch.c"\n}\n',
      repair: 'nf mark {\n  subscribe PKT_TCP\n  writes tcp.window\n  handler "watch.c"\n}\n',
      files: handler,
    },
  }),
  MBX2020: define<{ name: string; list: "reads" | "writes"; nf: string; lacks: string }>({
    severity: "error",
    message: ({ name, list, nf, lacks }) =>
      `\`${nf}\` ${list} \`${name}\`, but no event that it hears has ${lacks}`,
    label: ({ lacks }) => `needs ${lacks}`,
    explain: {
      cause:
        "What an NF reads or writes is taken from the packet, flow or stream of the event that it handles. " +
        "A UDP header is not to be found in an event about TCP.",
      failing: 'nf watch {\n  subscribe FLOW_ESTABLISHED\n  reads udp.sport\n  handler "watch.c"\n}\n',
      repair: 'nf watch {\n  subscribe FLOW_ESTABLISHED\n  reads tcp.sport\n  handler "watch.c"\n}\n',
      files: handler,
    },
  }),
  MBX2021: define<{ owner: string; count: number }>({
    severity: "error",
    message: ({ owner, count }) => `${owner} has ${count} members; there can be 256`,
    explain: {
      cause: "An enum's value is stored in one byte.",
      failing: `enum Many { ${manyMembers(257)} }\n`,
      repair: `enum Many { ${manyMembers(256)} }\n`,
    },
  }),
  ...filters,
} satisfies Family<"MBX2">;

function manyMembers(count: number): string {
  return Array.from({ length: count }, (_, i) => `m${i}`).join(", ");
}

/** Links of a circle that are named before and behind what is left out. */
const NAMED_LINKS = 3;

function arrows(cycle: readonly string[]): string {
  const named = cycle.map((one) => `\`${one}\``);
  const left = named.length - 2 * NAMED_LINKS;
  if (left <= 1) return named.join(" → ");
  return [...named.slice(0, NAMED_LINKS), `${left} more`, ...named.slice(-NAMED_LINKS)].join(" → ");
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
