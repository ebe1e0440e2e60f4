/** MBX2100 and up: `where`, `match` and what they compare. */
import { define, type Family } from "./define.ts";

/** A program of one NF with this subscription. */
function watching(subscription: string, before = ""): string {
  return `${before}nf watch {\n  ${subscription}\n  handler "watch.c"\n}\n`;
}

const files = { "watch.c": "" };

export const filters = {
  MBX2100: define<{ name: string; scope: string }>({
    severity: "error",
    message: ({ name, scope }) => `\`${name}\` is nothing that ${scope} can test`,
    label: () => "no such field or constant",
    explain: {
      cause:
        "A filter compares fields of the event (bare names), of the packet (`ip.src`), of the flow " +
        "(`flow.bytes`) and of the stream (`stream.offset`) with literals, constants or each other.",
      failing: watching("subscribe DATA_TCP where direction == client"),
      repair: watching("subscribe DATA_TCP where dir == client"),
      files,
    },
  }),
  MBX2101: define<{ left: string; leftType: string; right: string; rightType: string }>({
    severity: "error",
    message: ({ left, leftType, right, rightType }) =>
      `\`${left}\` is ${leftType} and cannot be compared with \`${right}\`, ${rightType}`,
    explain: {
      cause:
        "Both sides of a comparison have the same type: an address with an address, a port with a number.",
      failing: watching("subscribe PKT_TCP where ip.src == 80"),
      repair: watching("subscribe PKT_TCP where tcp.sport == 80"),
      files,
    },
  }),
  MBX2102: define<{ value: string; what: string; max: string }>({
    severity: "error",
    message: ({ value, what, max }) => `\`${value}\` does not fit ${what}, which goes up to ${max}`,
    label: () => "out of range",
    explain: {
      cause: "A comparison with a value that the field cannot have would always have the same result.",
      failing: watching("subscribe PKT_TCP where tcp.dport == 80_800"),
      repair: watching("subscribe PKT_TCP where tcp.dport == 8080"),
      files,
    },
  }),
  MBX2103: define<{ member: string; enumName: string }>({
    severity: "error",
    message: ({ member, enumName }) => `\`${member}\` is not a member of \`${enumName}\``,
    label: () => "no such member",
    explain: {
      cause: "What is compared with an enum is one of its members, or a constant with such a value.",
      failing: watching("subscribe DATA_TCP where dir == sever"),
      repair: watching("subscribe DATA_TCP where dir == server"),
      files,
    },
  }),
  MBX2104: define<{ field: string; operator: string }>({
    severity: "error",
    message: ({ field, operator }) =>
      `\`${field}\` stands for either end, so it can be compared with \`==\` and \`in\` only, not with \`${operator}\``,
    label: () => "source or destination",
    explain: {
      cause:
        "`tcp.port == 80` holds when either port is 80. What `tcp.port != 80` or `tcp.port < 80` should mean " +
        "for two ports is anybody's guess; say it with `not`, or with the two fields.",
      failing: watching("subscribe PKT_TCP where tcp.port < 1024"),
      repair: watching("subscribe PKT_TCP where tcp.sport < 1024 or tcp.dport < 1024"),
      files,
    },
  }),
  MBX2105: define<{ field: string; reason: string }>({
    severity: "error",
    message: ({ field, reason }) => `\`${field}\` cannot stand in a filter: ${reason}`,
    explain: {
      cause:
        "Filters compare values of fixed size. What a byte sequence holds is an NF's work, because a chunk's " +
        "boundary would evade a test; a point in time has no literal.",
      failing: watching('subscribe DATA_TCP where data == "GET"'),
      repair: watching("subscribe DATA_TCP where stream.offset < 4KB"),
      files,
    },
  }),
  MBX2106: define<{ field: string; scope: string; lacks: string }>({
    severity: "error",
    message: ({ field, scope, lacks }) => `\`${field}\` has no value here: ${scope} has no ${lacks}`,
    label: ({ lacks }) => `needs a ${lacks}`,
    explain: {
      cause:
        "`packet` and header fields need an event with a packet, `flow` fields one about a flow, `stream` " +
        "fields one about bytes. A stack's `match` is decided before there is a flow.",
      failing: watching("subscribe FLOW_END where stream.offset < 4KB"),
      repair: watching("subscribe DATA_TCP where stream.offset < 4KB"),
      files,
    },
  }),
  MBX2107: define<{ operand: string; type: string }>({
    severity: "error",
    message: ({ operand, type }) => `\`${operand}\` is ${type}; a test by itself must be a \`bool\``,
    label: () => "compare it with something",
    explain: {
      cause: "Only a `bool` field says yes or no by itself.",
      failing: watching("subscribe PKT_TCP where tcp.dport"),
      repair: watching("subscribe PKT_TCP where tcp.dport == 80"),
      files,
    },
  }),
  MBX2108: define<{ left: string }>({
    severity: "error",
    message: ({ left }) => `\`${left} in\` needs a set`,
    label: () => "a single value",
    explain: {
      cause: "`in` tests for one of several values: `{ 80, 443 }`, a constant with such a set, or a prefix.",
      failing: watching("subscribe PKT_TCP where tcp.dport in 80"),
      repair: watching("subscribe PKT_TCP where tcp.dport in { 80, 443 }"),
      files,
    },
  }),
  MBX2109: define<{ name: string; operator: string }>({
    severity: "error",
    message: ({ name, operator }) => `\`${name}\` is a set, which \`${operator}\` cannot compare with`,
    label: () => "a set of values",
    explain: {
      cause: "A field is one of the values of a set, never equal to the set: that is `in`.",
      failing: watching("subscribe PKT_TCP where tcp.dport == WEB", "const WEB = { 80, 443 }\n"),
      repair: watching("subscribe PKT_TCP where tcp.dport in WEB", "const WEB = { 80, 443 }\n"),
      files,
    },
  }),
  MBX2110: define<{ left: string; right: string }>({
    severity: "error",
    message: ({ left, right }) => `\`${left}\` and \`${right}\` are both constant`,
    label: () => "always has the same result",
    explain: {
      cause: "A test compares something of the event, so at least one side is a field.",
      failing: watching("subscribe PKT_TCP where LIMIT == 80", "const LIMIT = 80\n"),
      repair: watching("subscribe PKT_TCP where tcp.dport == LIMIT", "const LIMIT = 80\n"),
      files,
    },
  }),
  MBX2111: define<{ operator: string; field: string; type: string }>({
    severity: "error",
    message: ({ operator, field, type }) => `\`${operator}\` does not order \`${field}\`, which is ${type}`,
    label: () => "has no order",
    explain: {
      cause: "Numbers and durations have an order; addresses, enums, texts and `bool` are equal or not.",
      failing: watching("subscribe PKT_IP where ip.src < 10.0.0.9"),
      repair: watching("subscribe PKT_IP where ip.src in 10.0.0.8/29"),
      files,
    },
  }),
  MBX2112: define<{ reason: string }>({
    severity: "warning",
    message: ({ reason }) => `this can never hold: ${reason}`,
    label: () => "never true",
    explain: {
      cause:
        "A comparison on an absent header is false, and no value is two values at once. The filter takes " +
        "nothing, so that its subscriber or stack never hears anything.",
      failing: watching("subscribe DATA_TCP where udp.dport == 53"),
      repair: watching("subscribe DATA_TCP where tcp.dport == 53"),
      files,
    },
  }),
} satisfies Family<"MBX2">;
