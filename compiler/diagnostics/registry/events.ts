/** MBX3xxx: events: who raises, who hears. */
import { define, type Family } from "./define.ts";

const files = { "first.c": "", "second.c": "" };
const alert = "event ALERT extends FLOW_TCP {\n  severity: u8\n}\n";
const publisher = 'nf first {\n  subscribe FLOW_START\n  publish ALERT\n  handler "first.c"\n}\n';
const subscriber = 'nf second {\n  subscribe ALERT\n  handler "second.c"\n}\n';

/** The two NFs in a chain with this path. */
function chained(path: string, nfs = publisher + subscriber, stack = "monitor"): string {
  return `${alert}${nfs}stack all = ${stack} { }\nchain main {\n  stack all\n  ports client <-> server\n  path ${path}\n}\n`;
}

function single(parts: string, before = ""): string {
  return `${before}nf first {\n  ${parts}\n  handler "first.c"\n}\n`;
}

function flowReader(kind: string): string {
  const nf = single("subscribe PKT_TCP\n  reads flow.bytes");
  return `${nf}stack all = ${kind} { }\nchain main {\n  stack all\n  ports client <-> server\n  path first\n}\n`;
}

const hearsItself =
  'nf first {\n  subscribe FLOW_START\n  subscribe ALERT\n  publish ALERT\n  handler "first.c"\n}\n';

export const events = {
  MBX3001: define<{ event: string; nf: string; chain: string }>({
    severity: "error",
    message: ({ event, nf, chain }) => `nothing before \`${nf}\` in chain \`${chain}\` raises ${event}`,
    label: () => "subscribed here",
    explain: {
      cause:
        "A network function hears what its stack raises and what network functions before it in the path " +
        "publish. Nobody in this chain publishes the event, or one that extends it.",
      failing: chained("second", subscriber),
      repair: chained("first -> second"),
      files,
    },
  }),
  MBX3002: define<{ event: string; nf: string; chain: string; publisher: string }>({
    severity: "error",
    message: ({ event, nf, chain, publisher }) =>
      `only \`${publisher}\`, which comes after \`${nf}\` in chain \`${chain}\`, raises ${event}`,
    label: () => "subscribed here",
    explain: {
      cause: "Publications go forward along the path only. Put the publisher before its subscriber.",
      failing: chained("second -> first"),
      repair: chained("first -> second"),
      files,
    },
  }),
  MBX3003: define<{ event: string; nf: string; chain: string; publisher: string }>({
    severity: "error",
    message: ({ event, nf, chain, publisher }) =>
      `only \`${publisher}\`, which is parallel to \`${nf}\` in chain \`${chain}\`, raises ${event}`,
    label: () => "subscribed here",
    explain: {
      cause: "In `(a | b)` neither hears the other, so that they can run at the same time.",
      failing: chained("(first | second)"),
      repair: chained("first -> second"),
      files,
    },
  }),
  MBX3004: define<{ event: string; nf: string; chain: string }>({
    severity: "error",
    message: ({ event, nf, chain }) => `in chain \`${chain}\` only \`${nf}\` itself raises ${event}`,
    label: () => "subscribed here",
    explain: {
      cause: "A network function never hears its own publications.",
      failing: chained("first", hearsItself),
      repair: chained("first -> second"),
      files,
    },
  }),
  MBX3005: define<{ event: string; nf: string; chain: string; stack: string; kind: string }>({
    severity: "error",
    message: ({ event, nf, chain, stack, kind }) =>
      `\`${nf}\` hears ${event} in chain \`${chain}\`, but \`${stack}\`, of kind ${kind}, does not raise it`,
    label: ({ kind }) => `not raised by ${kind}`,
    explain: {
      cause:
        "Each kind of stack raises some events: `l3` those of packets, `monitor` also those of flows and " +
        "streams, and `splicer`, `endpoint` and `proxy` those of connections that they end.",
      failing: chained("first -> second", undefined, "l3"),
      repair: chained("first -> second"),
      files,
    },
  }),
  MBX3006: define<{ event: string; nf: string }>({
    severity: "warning",
    message: ({ event, nf }) => `\`${nf}\` publishes ${event}, and nothing after it hears it`,
    label: () => "never heard",
    explain: {
      cause: "No network function behind the publisher subscribes to the event, in any chain of the program.",
      failing: chained("first", publisher),
      repair: chained("first -> second"),
      files,
    },
  }),
  MBX3007: define<{ event: string }>({
    severity: "error",
    message: ({ event }) => `${event} is a group of events and is never raised itself`,
    label: () => "subscribe to one of its events",
    explain: {
      cause:
        "`EVENT`, `FLOW`, `DATA` and `CONN` group events that have too little in common for one callback. " +
        "`PKT` and `FLOW_TCP` and what is below them can be heard.",
      failing: single("subscribe DATA"),
      repair: single("subscribe DATA_TCP"),
      files,
    },
  }),
  MBX3008: define<{ event: string; nf: string }>({
    severity: "error",
    message: ({ event, nf }) => `\`${nf}\` publishes ${event}, which only a stack raises`,
    label: () => "built in",
    explain: {
      cause: "Network functions publish events that an `.mbx` file declares with `event`.",
      failing: single("subscribe PKT_TCP\n  publish FLOW_START"),
      repair: single("subscribe PKT_TCP\n  publish SEEN", "event SEEN extends FLOW_TCP { }\n"),
      files,
    },
  }),
  MBX3009: define<{ event: string; nf: string; base: string }>({
    severity: "error",
    message: ({ event, nf, base }) =>
      `\`${nf}\` publishes ${event}, which extends ${base}, but hears no event that belongs to a flow`,
    label: () => "needs a flow",
    explain: {
      cause:
        "A published event inherits its flow from the event being handled. Where that has none, the " +
        "publication has nothing to be about; let it extend `EVENT`.",
      failing: single(
        "subscribe NEWS\n  publish SEEN",
        "event NEWS extends EVENT { }\nevent SEEN extends FLOW_TCP { }\n",
      ),
      repair: single(
        "subscribe NEWS\n  publish SEEN",
        "event NEWS extends EVENT { }\nevent SEEN extends EVENT { }\n",
      ),
      files,
    },
  }),
  MBX3010: define<{ event: string }>({
    severity: "error",
    message: ({ event }) => `${event} is only ever ignored`,
    label: () => "nothing to switch to",
    explain: {
      cause: "`ignore` is where a flow waits until it is switched to a callback, so there is at least one.",
      failing: single("subscribe DATA_TCP -> ignore"),
      repair: single("subscribe DATA_TCP -> ignore, http"),
      files,
    },
  }),
  MBX3011: define<{ reason: string }>({
    severity: "error",
    message: ({ reason }) => `\`from start\` keeps nothing here: ${reason}`,
    explain: {
      cause:
        "`from start SIZE` keeps the first bytes of a stream for a flow that starts at `ignore`, so that a " +
        "late choice misses nothing. Where the first callback is not `ignore`, or where there are no bytes, " +
        "there is nothing to keep.",
      failing: single("subscribe DATA_TCP from start 16KB -> http"),
      repair: single("subscribe DATA_TCP from start 16KB -> ignore, http"),
      files,
    },
  }),
  MBX3012: define<{ event: string; reason: string }>({
    severity: "error",
    message: ({ event, reason }) => `callbacks of ${event} cannot be switched: ${reason}`,
    label: () => "one callback is all there can be",
    explain: {
      cause: "Which callback is called is remembered in the flow. Without flows there is one callback.",
      failing: single("subscribe NEWS -> first_page, ignore", "event NEWS extends EVENT { }\n"),
      repair: single("subscribe NEWS -> first_page", "event NEWS extends EVENT { }\n"),
      files,
    },
  }),
  MBX3013: define<{ callback: string; event: string; other: string }>({
    severity: "error",
    message: ({ callback, event, other }) =>
      `callback \`${callback}\` is for ${other} already, not for ${event}`,
    label: () => "another message type",
    explain: {
      cause: "A callback is one function with one type of message, so it serves one event.",
      failing: single("subscribe FLOW_START -> seen\n  subscribe FLOW_END -> seen"),
      repair: single("subscribe FLOW_START -> seen\n  subscribe FLOW_END -> gone"),
      files,
    },
  }),
  MBX3014: define<{ callback: string }>({
    severity: "error",
    message: ({ callback }) => `callback \`${callback}\` is named twice in one subscription`,
    label: () => "named again",
    explain: {
      cause: "A flow is switched to a callback by its name, so each stands there once.",
      failing: single("subscribe DATA_TCP -> http, http"),
      repair: single("subscribe DATA_TCP -> http, sql"),
      files,
    },
  }),
  MBX3015: define<{ nf: string }>({
    severity: "error",
    message: ({ nf }) => `\`${nf}\` subscribes to nothing, so it would never run`,
    explain: {
      cause: "A network function's code runs when an event that it subscribes to is raised.",
      failing: single("drops"),
      repair: single("subscribe PKT\n  drops"),
      files,
    },
  }),
  MBX3016: define<{ event: string }>({
    severity: "warning",
    message: ({ event }) => `${event} is neither published nor heard`,
    label: () => "declared here",
    explain: {
      cause: "Nothing in this program uses the event, neither a network function nor another event.",
      failing: chained("second", 'nf second {\n  subscribe FLOW_END\n  handler "second.c"\n}\n'),
      repair: chained("first -> second"),
      files,
    },
  }),
  MBX3017: define<{ what: string; nf: string; chain: string; stack: string; kind: string }>({
    severity: "error",
    message: ({ what, nf, chain, stack, kind }) =>
      `\`${nf}\` ${what} in chain \`${chain}\`, but \`${stack}\`, of kind ${kind}, keeps no flows`,
    label: () => "needs flows",
    explain: {
      cause:
        "An `l3` stack sees packets one by one. Fields of flows, per-flow state, switching, and events " +
        "about flows need a `monitor` or a stack above it.",
      failing: flowReader("l3"),
      repair: flowReader("monitor"),
      files,
    },
  }),
} satisfies Family<"MBX3">;
