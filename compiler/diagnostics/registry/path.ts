/** MBX4xxx: paths, chains, verdicts. */
import { define, type Family } from "./define.ts";

const files = { "first.c": "", "second.c": "", "first.ts": "", "second.ts": "" };

function nf(name: string, parts: string): string {
  return `nf ${name} {\n  ${parts}\n  handler "${name}.c"\n}\n`;
}

function chain(path: string, more = ""): string {
  return `stack all = monitor { }\nchain main {\n  stack all\n  ports client <-> server\n  path ${path}\n${more}}\n`;
}

const watcher = nf("first", "subscribe FLOW_END");
const typescriptWatcher = watcher.replace(".c", ".ts");

export const path = {
  MBX4001: define<{ nf: string; chain: string }>({
    severity: "error",
    message: ({ nf, chain }) => `\`${nf}\` stands twice in the path of chain \`${chain}\``,
    label: () => "stands here again",
    explain: {
      cause:
        "Each step of a path has state of its own. `nf b = a` makes another instance of `a`, with the same " +
        "handlers.",
      failing: watcher + chain("first -> first"),
      repair: `${watcher}nf again = first\n${chain("first -> again")}`,
      files,
    },
  }),
  MBX4002: define<{ writer: string; other: string; fields: readonly string[]; both: boolean; chain: string }>(
    {
      severity: "error",
      message: ({ writer, other, fields, both, chain }) =>
        `parallel in chain \`${chain}\`, \`${writer}\` writes ${fields.map((field) => `\`${field}\``).join(", ")}, ` +
        `which \`${other}\` ${both ? "writes" : "reads"}`,
      label: ({ writer }) => `parallel to \`${writer}\``,
      explain: {
        cause:
          "In `(a | b)` there is no order, so what `b` would see, or which write would last, depends on chance. " +
          "Reading includes filters, and the bytes of `DATA_TCP` are the payload. Put one after the other.",
        failing:
          nf("first", "subscribe PKT_TCP\n  writes ip.dst") +
          nf("second", "subscribe PKT_TCP\n  reads ip.dst") +
          chain("(first | second)"),
        repair:
          nf("first", "subscribe PKT_TCP\n  writes ip.dst") +
          nf("second", "subscribe PKT_TCP\n  reads ip.dst") +
          chain("first -> second"),
        files,
      },
    },
  ),
  MBX4003: define<{ nf: string; verdict: string }>({
    severity: "error",
    message: ({ nf, verdict }) => `\`${nf}\` ${verdict}, but no event that it hears ever has a packet`,
    label: () => "nothing to decide about",
    explain: {
      cause: "A verdict or a write applies to the packet that caused the event. A timer has none.",
      failing: nf("first", "subscribe TIMER\n  drops"),
      repair: nf("first", "subscribe TIMER\n  subscribe DATA_TCP\n  drops"),
      files,
    },
  }),
  MBX4004: define<{ nf: string }>({
    severity: "warning",
    message: ({ nf }) => `\`${nf}\` stands in no chain's path`,
    label: () => "never runs",
    explain: {
      cause: "A program runs the chains of its root file; what no path names is left out.",
      failing: watcher + nf("second", "subscribe FLOW_START") + chain("first"),
      repair: watcher + nf("second", "subscribe FLOW_START") + chain("first -> second"),
      files,
    },
  }),
  MBX4005: define<{ chain: string; what: string }>({
    severity: "error",
    message: ({ chain, what }) => `chain \`${chain}\` has no \`${what}\``,
    explain: {
      cause:
        "A chain is a stack, the ports between which it stands, and the path of its network functions. Only " +
        "an `endpoint`, which is reached by its address, goes without ports.",
      failing: `${watcher}stack all = monitor { }\nchain main {\n  ports client <-> server\n  path first\n}\n`,
      repair: watcher + chain("first"),
      files,
    },
  }),
  MBX4006: define<{ owner: string; member: string }>({
    severity: "error",
    message: ({ owner, member }) => `${owner} has \`${member}\` twice`,
    label: () => "stands here again",
    explain: {
      cause: "It can have one value only. To say more, use one line with all of it.",
      failing: watcher + chain("first", "  malformed drop\n  malformed forward\n"),
      repair: watcher + chain("first", "  malformed drop\n"),
      files,
    },
  }),
  MBX4007: define<{ port: string; chain: string }>({
    severity: "error",
    message: ({ port, chain }) => `chain \`${chain}\` stands between port \`${port}\` and itself`,
    label: () => "the same port",
    explain: {
      cause: "The two names stand for two devices. A chain with a single port is written with one name.",
      failing: `${watcher}stack all = monitor { }\nchain main {\n  stack all\n  ports wire <-> wire\n  path first\n}\n`,
      repair: `${watcher}stack all = monitor { }\nchain main {\n  stack all\n  ports wire\n  path first\n}\n`,
      files,
    },
  }),
  MBX4008: define<{ nf: string; chain: string; kind: string; event?: string }>({
    severity: "error",
    message: ({ nf, chain, kind, event }) =>
      event === undefined
        ? `\`${nf}\` redirects, which no \`${kind}\` stack can do, as in chain \`${chain}\``
        : `\`${nf}\` redirects, but in chain \`${chain}\` does not hear ${event}, where a ${kind} stack can`,
    explain: {
      cause:
        "On `monitor` a flow's server is chosen at `FLOW_START`; on `splicer` and `proxy` at `CONN_REQUEST`, " +
        "when the request has been seen. Later the choice has been made.",
      failing: nf("first", "subscribe FLOW_END\n  redirects") + chain("first"),
      repair: nf("first", "subscribe FLOW_START\n  redirects") + chain("first"),
      files,
    },
  }),
  MBX4009: define<{ nf: string; chain: string }>({
    severity: "error",
    message: ({ nf, chain }) => `\`place\` names \`${nf}\`, which is not in the path of chain \`${chain}\``,
    label: () => "not in the path",
    explain: {
      cause: "`place` moves a network function of the chain to another core.",
      failing: typescriptWatcher + chain("first", "  place other on 1\n"),
      repair: typescriptWatcher + chain("first", "  place first on 1\n"),
      files,
    },
  }),
  MBX4010: define<{ nf: string }>({
    severity: "error",
    message: ({ nf }) => `\`${nf}\` is placed twice`,
    label: () => "placed again",
    explain: {
      cause: "A network function runs on one core.",
      failing: typescriptWatcher + chain("first", "  place first on 1\n  place first on 2\n"),
      repair: typescriptWatcher + chain("first", "  place first on 1\n"),
      files,
    },
  }),
  MBX4011: define<{ member: string; word: string }>({
    severity: "error",
    message: ({ member, word }) => `\`${member}\` is \`forward\` or \`drop\`, not \`${word}\``,
    explain: {
      cause: "It says what becomes of packets that nobody could decide about.",
      failing: nf("first", "subscribe PKT\n  on_error ignore"),
      repair: nf("first", "subscribe PKT\n  on_error forward"),
      files,
    },
  }),
  MBX4012: define<{ nf: string; what: string }>({
    severity: "error",
    message: ({ nf, what }) => `\`${nf}\` runs a program, so it has no \`${what}\``,
    explain: {
      cause:
        "`run` starts an unmodified server whose sockets are the endpoint's; such an NF has no other parts.",
      failing: 'nf server {\n  run "lighttpd -D -f conf"\n  drops\n}\n',
      repair: 'nf server {\n  run "lighttpd -D -f conf"\n}\n',
    },
  }),
  MBX4013: define<{ nf: string; chain: string; kind: string }>({
    severity: "error",
    message: ({ nf, chain, kind }) =>
      `\`${nf}\` runs a program, which needs an endpoint; the stack of chain \`${chain}\` is of kind ${kind}`,
    explain: {
      cause: "The program's sockets are the endpoint's. No other stack has sockets.",
      failing: `nf first {\n  run "lighttpd -D -f conf"\n}\n${chain("first")}`,
      repair:
        'nf first {\n  run "lighttpd -D -f conf"\n}\nstack all = endpoint {\n  address 10.0.0.20\n  listen 80\n}\n' +
        "chain main {\n  stack all\n  path first\n}\n",
    },
  }),
  MBX4014: define<{ nf: string }>({
    severity: "error",
    message: ({ nf }) => `\`${nf}\` has no \`handler\``,
    explain: {
      cause: "The handler file holds the callbacks; `mbx build` writes its stub when it does not exist yet.",
      failing: "nf first {\n  subscribe FLOW_END\n}\n",
      repair: 'nf first {\n  subscribe FLOW_END\n  handler "first.c"\n}\n',
      files,
    },
  }),
  MBX4015: define<{ core: string }>({
    severity: "error",
    message: ({ core }) => `\`${core}\` is no core's number: 0 to 1023`,
    label: () => "not a core",
    explain: {
      cause: "Cores are numbered as DPDK numbers its lcores. Whether the machine has it is seen at start.",
      failing: typescriptWatcher + chain("first", "  place first on 4KB\n"),
      repair: typescriptWatcher + chain("first", "  place first on 4\n"),
      files,
    },
  }),
} satisfies Family<"MBX4">;
