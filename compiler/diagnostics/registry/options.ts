/** MBX5xxx: stacks and their options. */
import { define, type Family } from "./define.ts";

const files = { "first.c": "" };

function stack(option: string, kind = "monitor"): string {
  return `stack all = ${kind} {\n  ${option}\n}\n`;
}

function two(first: string, second: string): string {
  return (
    'nf watch {\n  subscribe FLOW_END\n  handler "first.c"\n}\nnf again = watch\n' +
    `stack one = monitor { match ${first} }\nstack two = monitor { match ${second} }\n` +
    "chain upper {\n  stack one\n  ports client <-> server\n  path watch\n}\n" +
    "chain lower {\n  stack two\n  ports client <-> server\n  path again\n}\n"
  );
}

function many(count: number): string {
  const names = Array.from({ length: count }, (_, number) => `watch_${number}`);
  const [first = "", ...others] = names;
  return (
    `nf ${first} {\n  subscribe PKT_TCP\n  drops\n  handler "first.c"\n}\n` +
    others.map((name) => `nf ${name} = ${first}\n`).join("") +
    "stack all = monitor { }\nchain main {\n  stack all\n  ports client <-> server\n" +
    `  path ${names.join(" -> ")}\n}\n`
  );
}

function big(size: number): string {
  const fields = `  first: text<${size}>\n  second: text<${size}>\n`;
  return `event FORM extends FLOW_TCP {\n${fields}}\n`;
}

export const options = {
  MBX5001: define<{ option: string; kind: string; elsewhere: readonly string[] }>({
    severity: "error",
    message: ({ option, kind, elsewhere }) =>
      elsewhere.length === 0
        ? `there is no stack option \`${option}\``
        : `\`${option}\` is an option of ${elsewhere.join(", ")}, not of ${kind}`,
    label: ({ kind }) => `unknown to ${kind}`,
    explain: {
      cause: "Each kind of stack has its options; the language reference lists them.",
      failing: stack("flow 1_000"),
      repair: stack("flows 1_000"),
    },
  }),
  MBX5002: define<{ option: string; value: string; min: string; max: string }>({
    severity: "error",
    message: ({ option, value, min, max }) => `\`${option} ${value}\` is out of range: ${min} to ${max}`,
    label: () => "out of range",
    explain: {
      cause: "The bounds are what the dataplane can keep in memory and count.",
      failing: stack("flows 0"),
      repair: stack("flows 1_000"),
    },
  }),
  MBX5003: define<{ option: string; expected: string }>({
    severity: "error",
    message: ({ option, expected }) => `\`${option}\` takes ${expected}`,
    label: ({ expected }) => `expected ${expected}`,
    explain: {
      cause: "Counts have no unit, sizes one of `B KB MB GB`, durations one of `ns us ms s m h`.",
      failing: stack("idle 60"),
      repair: stack("idle 60s"),
    },
  }),
  MBX5004: define<{ option: string; word: string; words: readonly string[] }>({
    severity: "error",
    message: ({ option, word, words }) =>
      `\`${option}\` is one of ${words.map((one) => `\`${one}\``).join(", ")}, not \`${word}\``,
    explain: {
      cause: "The option chooses between a few behaviours, each with a name.",
      failing: stack("overlap linus"),
      repair: stack("overlap linux"),
    },
  }),
  MBX5005: define<{ option: string }>({
    severity: "error",
    message: ({ option }) => `\`${option}\` is set twice`,
    label: () => "set again",
    explain: {
      cause: "An option has one value.",
      failing: stack("flows 1_000\n  flows 2_000"),
      repair: stack("flows 2_000"),
    },
  }),
  MBX5006: define<{ option: string; stack: string; kind: string }>({
    severity: "error",
    message: ({ option, stack, kind }) =>
      `\`${stack}\` has no \`${option}\`, which a stack of kind ${kind} needs`,
    label: () => "incomplete",
    explain: {
      cause: "An endpoint and a proxy belong to addresses and listen on ports; nobody could reach them else.",
      failing: stack("listen 80", "endpoint"),
      repair: stack("listen 80\n  address 10.0.0.20", "endpoint"),
    },
  }),
  MBX5007: define<{ kind: string; kinds: readonly string[] }>({
    severity: "error",
    message: ({ kind, kinds }) => `there is no stack kind \`${kind}\`; there are ${kinds.join(", ")}`,
    label: () => "not a kind of stack",
    explain: {
      cause: "The kind says how much of TCP/IP the stack does; what it computes is inferred from the chain.",
      failing: "stack all = moniter { }\n",
      repair: "stack all = monitor { }\n",
    },
  }),
  MBX5008: define<{ one: string; other: string; port: string; example: string }>({
    severity: "error",
    message: ({ one, other, port, example }) =>
      `chains \`${one}\` and \`${other}\` both match ${example} on port \`${port}\``,
    label: () => "matched here too",
    explain: {
      cause:
        "A packet belongs to one stack. Where two chains stand on the same port, their stacks' `match` must " +
        "tell the packets apart; what none matches is forwarded unchanged.",
      failing: two("tcp.port in { 80, 443 }", "tcp.port in { 443, 8443 }"),
      repair: two("tcp.port in { 80, 443 }", "tcp.port in { 8080, 8443 }"),
      files,
    },
  }),
  MBX5009: define<{ what: string; size: number; limit: number }>({
    severity: "error",
    message: ({ what, size, limit }) =>
      `${what} needs ${size} bytes, more than the ${limit} that a record can hold`,
    label: () => "too much for one record",
    explain: {
      cause:
        "An event travels as one record of at most 8 slots of 64 bytes: 32 bytes of header, then the event's " +
        "own fields and what its subscriber reads, each at its natural alignment.",
      failing: big(400),
      repair: big(200),
    },
  }),
  MBX5010: define<{ asked: string; limit: string; what: string }>({
    severity: "error",
    message: ({ asked, limit, what }) => `\`from start ${asked}\` is more than ${what} holds, ${limit}`,
    label: () => "more than can be kept",
    explain: {
      cause: "What `from start` keeps comes out of the stack's `buffer`, which all flows share.",
      failing:
        'nf watch {\n  subscribe DATA_TCP from start 128MB -> ignore, http\n  handler "first.c"\n}\n' +
        "stack all = monitor { }\nchain main {\n  stack all\n  ports client <-> server\n  path watch\n}\n",
      repair:
        'nf watch {\n  subscribe DATA_TCP from start 16KB -> ignore, http\n  handler "first.c"\n}\n' +
        "stack all = monitor { }\nchain main {\n  stack all\n  ports client <-> server\n  path watch\n}\n",
      files,
    },
  }),
  MBX5011: define<{ field: string }>({
    severity: "warning",
    message: ({ field }) =>
      `\`${field}\` differs between the directions of a flow: the stack sees one side of each`,
    label: () => "matches one direction",
    explain: {
      cause:
        "`match` is tested for every packet. The answers of a server on port 80 come from port 80 and go to " +
        "another; `tcp.port` is either end.",
      failing: stack("match tcp.dport == 80"),
      repair: stack("match tcp.port == 80"),
    },
  }),
  MBX5012: define<{ chain: string; what: string; count: number; limit: number }>({
    severity: "error",
    message: ({ chain, what, count, limit }) =>
      `chain \`${chain}\` has ${count} ${what}; the dataplane has room for ${limit}`,
    label: () => "one too many",
    explain: {
      cause:
        "An event names its publisher by one byte, and a flow remembers by one bit each of 64 network functions " +
        "whether they have dropped of it. A burst waits at most 64 times for functions in workers or on cores of " +
        "their own. Divide the chain, or let one network function do the work of several.",
      failing: many(65),
      repair: many(64),
      files,
    },
  }),
  MBX5013: define<{ option: string; word: string }>({
    severity: "error",
    message: ({ option, word }) => `\`${option}\` names \`${word}\` twice`,
    label: () => "named again",
    explain: {
      cause: "The words of such an option are a set: each is in it or not.",
      failing: stack("decap { gre, vxlan, gre }"),
      repair: stack("decap { gre, vxlan }"),
    },
  }),
  MBX5014: define<{ option: string; word: string }>({
    severity: "error",
    message: ({ option, word }) => `\`${word}\` of \`${option}\` stands alone`,
    label: () => "beside other words",
    explain: {
      cause:
        "`none` and `all` are the whole of the option's value; beside them other words say nothing, or the opposite.",
      failing: stack("decap { none, vxlan }"),
      repair: stack("decap vxlan"),
    },
  }),
  MBX5015: define<{ one: string; other: string; option: string }>({
    severity: "error",
    message: ({ one, other, option }) =>
      `on several cores, \`${one}\` and \`${other}\` need the same \`${option}\``,
    label: ({ one }) => `differs from \`${one}\``,
    explain: {
      cause:
        "Each core runs all chains of the program, because a packet that one stack does not match is the next one's; " +
        "and which core a packet is for is decided once, by the packet that all stacks see in its tunnels.",
      failing: two("tcp.port == 80  cores 2", "tcp.port == 443"),
      repair: two("tcp.port == 80  cores 2", "tcp.port == 443  cores 2"),
      files,
    },
  }),
  MBX5016: define<{ option: string; cores: number; stack: string }>({
    severity: "error",
    message: ({ option, cores, stack: name }) =>
      `\`${option}\` of \`${name}\` is too little for ${cores} cores`,
    label: () => "divided among the cores",
    explain: {
      cause:
        "`flows` and `buffer` are bounds of the whole stack. Each of its instances gets an equal part, and needs as " +
        "much of it as a stack with one core needs at least.",
      failing: stack("cores 4  flows 3  buffer 64KB"),
      repair: stack("cores 4  flows 4  buffer 256KB"),
    },
  }),
  MBX5017: define<{ stack: string }>({
    severity: "error",
    message: ({ stack: name }) =>
      `on several cores, \`${name}\` cannot both look into tunnels and put fragments together`,
    label: () => "with `fragments`",
    explain: {
      cause:
        "A packet is shared out by the addresses that it has inside of its tunnels. A fragment of a tunnelled packet " +
        "does not show them, so it would not reach the core of its flow. With `fragments 0` fragments pass unread.",
      failing: stack("cores 2  decap gre"),
      repair: stack("cores 2  decap gre  fragments 0"),
    },
  }),
  MBX5900: define<{ what: string }>({
    severity: "error",
    message: ({ what }) => `checked, not built yet: ${what}`,
    label: () => "not built yet",
    explain: {
      cause:
        "The language has it and the checker knows it, but this version cannot build it. `mbx check` says so " +
        "with a warning, `mbx build` with an error.",
      failing: stack("address 10.0.0.1\n  listen 80", "endpoint"),
      repair: stack(""),
    },
  }),
} satisfies Family<"MBX5">;
