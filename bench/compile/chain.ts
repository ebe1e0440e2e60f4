/**
 * A chain of as many network functions as asked for, with declarations like
 * those that people write: it grows in length and in nothing else, so what its
 * compilation costs for each function says how the compiler grows.
 */
import { type Random, randomFrom } from "../trace/random.ts";

export interface ChainSpec {
  readonly nfs: number;
  readonly seed: number;
}

export interface MadeChain {
  /** The whole `.mbx` file. */
  readonly text: string;
  /** Handler files, in the order of the path. */
  readonly handlers: readonly string[];
}

/** A network function as it is written, and what it leaves for the next ones to hear. */
interface Written {
  readonly name: string;
  readonly lines: readonly string[];
  readonly handler: string;
  readonly publishes?: { readonly event: string; readonly declaration: readonly string[] };
}

interface Place {
  readonly number: number;
  /** Published before it and heard by nobody yet. */
  readonly unheard: readonly string[];
  /** Beside another one. */
  readonly parallel: boolean;
  /** TCP ports that its chain's stack takes. */
  readonly ports: string;
  readonly pick: <T>(choices: readonly [T, ...T[]]) => T;
}

type Role = (place: Place) => Written;

/** Every so manieth function is in TypeScript, every so manieth place in the path is a pair of two. */
const TYPESCRIPT_EVERY = 10;
const PAIR_EVERY = 5;
/** Matchers that may drop: a chain has at most 64 of them. */
const DROPS_EVERY = 2;

function written(
  place: Place,
  role: string,
  doc: string,
  members: readonly string[],
  published?: { readonly what: string; readonly fields: readonly string[] },
): Written {
  const name = `${role}_${place.number}`;
  const handler = `${name}.${place.number % TYPESCRIPT_EVERY === TYPESCRIPT_EVERY - 1 ? "ts" : "c"}`;
  const event =
    published === undefined ? undefined : `${role.toUpperCase()}_${published.what}_${place.number}`;
  const heard = place.unheard.map((one) => `subscribe ${one}`);
  const publish = event === undefined ? [] : [`publish   ${event}`];
  return {
    name,
    handler,
    lines: [
      `/// ${doc}`,
      `nf ${name} {`,
      ...[...heard, ...members, ...publish, `handler   "${handler}"`].map((line) => `  ${line}`),
      "}",
    ],
    ...(event === undefined || published === undefined
      ? {}
      : {
          publishes: {
            event,
            declaration: [
              `/// Raised by \`${name}\`, once for a flow.`,
              `event ${event} extends FLOW_TCP {`,
              ...published.fields.map((field) => `  ${field}`),
              "}",
            ],
          },
        }),
  };
}

const detector: Role = (place) =>
  written(
    place,
    "detector",
    "Names the application from the first bytes of the client.",
    [
      "subscribe FLOW_ESTABLISHED",
      `subscribe DATA_TCP where dir == client and stream.offset < ${place.pick(["1KB", "2KB", "4KB"])}`,
      "state     flow { detected: bool  score: u32 }",
    ],
    { what: "FOUND", fields: ["app: enum { http, tls, sql, unknown }", "confidence: u8"] },
  );

const matcher: Role = (place) =>
  written(
    place,
    "matcher",
    "Looks for patterns in what the client sends.",
    [
      `subscribe DATA_TCP where dir == client and tcp.dport in { ${place.ports} } -> ignore, http, sql`,
      ...(place.parallel || place.number % DROPS_EVERY !== 0 ? [] : ["drops"]),
      "state     flow { matched: u32  tail: bytes<31> }",
    ],
    { what: "ALERT", fields: ["signature: u32", "severity: u8", "message: text<64>"] },
  );

const meter: Role = (place) =>
  written(place, "meter", "Counts flows, packets and bytes.", [
    "subscribe FLOW_END",
    "reads     flow.packets, flow.bytes, flow.rtt",
  ]);

const sampler: Role = (place) =>
  written(
    place,
    "sampler",
    "Looks at what opens a connection.",
    [
      `subscribe PKT_TCP where tcp.flags.syn and not tcp.flags.ack and ip.dst in { 10.${place.number % 256}.0.0/16, 192.168.0.0/24 }`,
      "subscribe FLOW_START",
      "reads     ip.ttl, tcp.window",
      "state     flow { seen: u16  first: time }",
    ],
    { what: "SUSPECT", fields: ["ttl: u8", "window: u16"] },
  );

const watch: Role = (place) =>
  written(place, "watch", "Follows how well a connection does.", [
    `subscribe FLOW_REXMIT where length > ${place.pick(["64", "256", "1024"])} or dir == server`,
    "subscribe FLOW_GAP",
    "reads     flow.rtt, flow.client.ip, flow.server.port",
    "state     flow { again: u64  lost: u64 }",
  ]);

const logger: Role = (place) =>
  written(place, "logger", "One line for whatever ends.", [
    "subscribe FLOW_END where flow.bytes > 1MB",
    "reads     flow.client.ip, flow.client.port, flow.server.ip, flow.server.port",
  ]);

const roles: readonly [Role, ...Role[]] = [detector, matcher, meter, sampler, watch, logger];

function pickerOf(random: Random): Place["pick"] {
  return (choices) => choices[random() % choices.length] ?? choices[0];
}

/** The most that a chain has (MBX5012): a longer program has several, each on ports of its own. */
const LONGEST = 250;

interface Section {
  readonly all: readonly Written[];
  readonly steps: readonly string[];
  /** TCP ports that its stack takes. */
  readonly ports: string;
}

/** `count` functions in a chain, numbered from `first`. */
function makeSection(first: number, count: number, ports: string, pick: Place["pick"]): Section {
  const all: Written[] = [];
  const steps: string[] = [];
  let unheard: readonly string[] = [];
  const make = (role: Role, parallel: boolean): Written => {
    const made = role({ number: first + all.length, unheard, parallel, ports, pick });
    all.push(made);
    return made;
  };
  while (all.length < count) {
    const pair = steps.length % PAIR_EVERY === PAIR_EVERY - 1 && all.length + 2 < count;
    // The last one publishes nothing that would have to be heard.
    const step = pair
      ? [make(pick(roles), true), make(pick(roles), true)]
      : [make(all.length + 1 === count ? logger : pick(roles), false)];
    const names = step.map(({ name }) => name);
    steps.push(pair ? `(${names.join(" | ")})` : names.join(""));
    unheard = step.flatMap(({ publishes }) => publishes?.event ?? []);
  }
  return { all, steps, ports };
}

export function makeChain({ nfs, seed }: ChainSpec): MadeChain {
  const pick = pickerOf(randomFrom(seed));
  const sections: Section[] = [];
  for (let first = 0; first < nfs; first += LONGEST) {
    const port = 8000 + 2 * sections.length;
    sections.push(makeSection(first, Math.min(LONGEST, nfs - first), `${port}, ${port + 1}`, pick));
  }
  const all = sections.flatMap((section) => section.all);
  const blocks: readonly (readonly string[])[] = [
    [`// ${nfs} network functions, made by the bench from seed ${seed}`],
    ...all.flatMap(({ publishes }) => (publishes === undefined ? [] : [publishes.declaration])),
    ...all.map(({ lines }) => lines),
    ...sections.flatMap(chainLines),
  ];
  const text = `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
  return { text, handlers: all.map(({ handler }) => handler) };
}

function chainLines({ steps, ports }: Section, index: number): readonly (readonly string[])[] {
  return [
    [`stack wire_${index} = monitor {`, `  match   tcp.port in { ${ports} }`, "  flows   65_536", "}"],
    [
      `chain long_${index} {`,
      `  stack wire_${index}`,
      "  ports client <-> server",
      `  path  ${steps.join("\n        -> ")}`,
      "}",
    ],
  ];
}
