// time limit: 400 s
// What copies are compared with is what arrived, whatever functions write to the
// packets, who turns away meanwhile, and how large bursts are.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { Connection } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";
import { seeded } from "../support/random.ts";

const SEEDS = [1, 2, 3, 4];
const SEGMENTS = 60;
const PORTS = [42_000, 42_001];

let built: BuiltChain;

test.before(async () => {
  built = await buildChain("copies");
});

interface Sent {
  readonly frame: Buffer;
  readonly leaves: boolean;
}

interface Conversation {
  readonly sent: readonly Sent[];
  readonly lines: readonly string[];
}

/** The client repeats itself, at times with one other byte; nothing is acknowledged. */
function conversation(random: (below: number) => number, port: number): Conversation {
  const connection = new Connection({ sport: port });
  const base = connection.client + 1;
  const sent: Sent[] = connection.handshake().map((frame) => ({ frame, leaves: true }));
  const lines: string[] = [];
  const heard: boolean[] = [];
  const watched = port % 2 === 0;
  let listens = true;
  let run = 0; // where the latest run of bytes that nobody heard begins
  const text = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, i) => String.fromCharCode(97 + ((from + i) % 26))).join("");
  const next = (): void => {
    const [from, to] = [heard.length, heard.length + 4 + random(12)];
    if (!listens && heard[from - 1] === true) run = from;
    for (let at = from; at < to; at++) heard.push(listens);
    if (listens) lines.push(`pick ${port} data ${from} ${text(from, to)}`);
    sent.push({ frame: connection.again("client", text(from, to), base + from), leaves: true });
  };
  const copy = (): void => {
    const from = random(heard.length); // the last byte alone is no keep-alive: it is not acknowledged
    const to = Math.min(heard.length, from + 4 + random(30));
    if (random(2) === 0) {
      sent.push({ frame: connection.again("client", text(from, to), base + from), leaves: true });
      return;
    }
    const at = from + random(to - from);
    const other = `${text(from, at)}!${text(at + 1, to)}`;
    // Where they are kept for who hears of overlaps, only the latest run may change.
    const leaves = heard[at] !== true && (!watched || at >= run);
    if (watched) lines.push(`watch ${port} differs ${at} 1`);
    sent.push({ frame: connection.again("client", other, base + from), leaves });
  };
  for (let i = 0; i < SEGMENTS; i++) {
    const kind = random(8);
    if (heard.length === 0 || kind < 3) next();
    else if (kind < 6) copy();
    else {
      listens = kind === 6;
      connection.client = base;
      sent.push({ frame: connection.data("server", listens ? "+" : "-"), leaves: true });
    }
  }
  return { sent, lines };
}

/** What a function logged of a flow. */
const of = (lines: readonly string[], who: string, port: number): readonly string[] =>
  lines.filter((line) => line.startsWith(`${who} ${port} `));

for (const seed of SEEDS)
  for (const burst of [1, 2, 32, 256])
    test(`copies are compared with what did not arrive (seed ${seed}, burst ${burst})`, async () => {
      const random = seeded(seed);
      const flows = PORTS.map((port) => conversation(random, port));
      const sent = flows.flatMap((flow) => flow.sent);
      const packets = spaced(sent.map(({ frame }) => frame));
      const { log, out } = await built.run(packets, { burst });
      const left = new Set(out.map(({ time }) => time));
      sent.forEach(({ leaves }, i) => {
        assert.is(
          left.has(packets[i]?.time ?? 0n),
          leaves,
          `packet ${i} ${leaves ? "leaves" : "is dropped"}`,
        );
      });
      for (const [i, port] of PORTS.entries())
        for (const who of ["pick", "watch"])
          assert.equal(of(log, who, port), of(flows[i]?.lines ?? [], who, port), `${who}, port ${port}`);
    });

test.run();
