// time limit: 400 s
/**
 * What a function refused never reaches the server: random connections in which
 * the client sends everything several times, cut anew, in any order, with other
 * bytes, with and without a refused one.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain, type ChainRun } from "../support/chain.ts";
import { Connection } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";
import { type Random, seeded } from "../support/random.ts";

const CONNECTIONS = 400;
const STREAM = 48;
const FIRST_PORT = 10_000;
const ISN = 1000;

const built = new Map<string, BuiltChain>();

async function chainOf(language: string): Promise<BuiltChain> {
  const known = built.get(language) ?? (await buildChain(`dropped_${language}`));
  built.set(language, known);
  return known;
}

/** Bytes that say their offset, so that a copy differs where it was changed. */
function original(random: Random): string {
  const at = random(STREAM);
  const letters = Array.from({ length: STREAM }, (_, i) => String.fromCharCode(97 + (i % 26)));
  if (random(8) > 0) letters[at] = "X";
  return letters.join("");
}

function changed(piece: string, random: Random): string {
  const at = random(piece.length);
  const letter = ["X", "#", "?"][random(3)] ?? "#";
  return piece.slice(0, at) + letter + piece.slice(at + 1);
}

/**
 * Everything once, and copies of all kinds in between. In order: what was sent
 * once is handed on at once, so that no copy can come before it.
 */
function segments(stream: string, inOrder: boolean, random: Random): readonly (readonly [number, string])[] {
  const pieces: [number, string][] = [];
  for (let from = 0; from < STREAM; ) {
    const len = 1 + random(12);
    pieces.push([from, stream.slice(from, from + len)]);
    from += len;
  }
  for (let copies = random(12); copies > 0; copies--) {
    const from = random(STREAM);
    const piece = stream.slice(from, from + 1 + random(16));
    const sent = pieces.findIndex(([at, bytes]) => at + bytes.length >= from + piece.length);
    const earliest = inOrder ? (sent < 0 ? pieces.length : sent + 1) : 0;
    const place = earliest + random(pieces.length + 1 - earliest);
    pieces.splice(place, 0, [from, random(3) === 0 ? changed(piece, random) : piece]);
  }
  for (let swaps = inOrder ? 0 : random(10); swaps > 0; swaps--) {
    const i = random(pieces.length - 1);
    const [one, other] = [pieces[i], pieces[i + 1]];
    if (one !== undefined && other !== undefined) pieces.splice(i, 2, other, one);
  }
  return pieces;
}

const isInOrder = (port: number): boolean => port % 4 === 0;

function conversations(seed: number): readonly Buffer[] {
  const random = seeded(seed);
  const all = Array.from({ length: CONNECTIONS }, (_, i) => {
    const connection = new Connection({ sport: FIRST_PORT + i }, [ISN, 5000]);
    const frames = [...connection.handshake()];
    for (const [at, piece] of segments(original(random), isInOrder(FIRST_PORT + i), random)) {
      frames.push(connection.again("client", piece, ISN + 1 + at));
      if (random(6) === 0) frames.push(connection.data("server", "yes"));
    }
    return frames;
  });
  const mixed: Buffer[] = [];
  for (let live = all; live.length > 0; live = live.filter((frames) => frames.length > 0))
    mixed.push(...(live[random(Math.min(live.length, 8))]?.splice(0, 1 + random(3)) ?? []));
  return mixed;
}

interface Seen {
  /** What the function passed, by offset. */
  readonly passed: Map<number, string>;
  /** Offsets of refused bytes. */
  readonly refused: Set<number>;
  /** All copies of each offset that left. */
  readonly sent: Map<number, Set<string>>;
}

function seenOf(run: ChainRun): ReadonlyMap<number, Seen> {
  const flows = new Map<number, Seen>();
  const flow = (port: number): Seen => {
    const known = flows.get(port) ?? { passed: new Map(), refused: new Set(), sent: new Map() };
    flows.set(port, known);
    return known;
  };
  for (const line of run.log) {
    const [what, port, offset, bytes = ""] = line.split(" ");
    const seen = flow(Number(port));
    [...bytes].forEach((letter, i) => {
      if (what === "passed") seen.passed.set(Number(offset) + i, letter);
      else if (letter === "X") seen.refused.add(Number(offset) + i);
    });
  }
  for (const { frame } of run.out) {
    if (frame.readUInt16BE(34) < FIRST_PORT) continue;
    const { sent } = flow(frame.readUInt16BE(34));
    const payload = frame.subarray(54, 14 + frame.readUInt16BE(16));
    payload.forEach((byte, i) => {
      const at = frame.readUInt32BE(38) - ISN - 1 + i;
      sent.set(at, (sent.get(at) ?? new Set()).add(String.fromCharCode(byte)));
    });
  }
  return flows;
}

/** How far the server can read. */
function prefix(sent: ReadonlyMap<number, unknown>): number {
  let reached = 0;
  while (sent.has(reached)) reached++;
  return reached;
}

for (const language of ["c", "ts"])
  for (const [burst, seed] of [
    [1, 1],
    [32, 2],
    [256, 3],
  ] as const) {
    const of = `${language === "c" ? "C" : "TypeScript"}, burst ${burst}`;

    const runOf = async (): Promise<ReturnType<typeof seenOf>> => {
      const run = await (await chainOf(language)).run(spaced(conversations(seed)), { burst });
      assert.ok(run.log.some((line) => line.startsWith("refused")));
      return seenOf(run);
    };

    test(`a refused byte reaches the server when it is sent again (${of})`, async () => {
      for (const [port, { refused, sent }] of await runOf())
        for (const at of refused)
          assert.ok(at >= prefix(sent), `${port}: byte ${at}, and all others before ${prefix(sent)}`);
    });

    test(`other bytes than those that were passed reach the server (${of})`, async () => {
      for (const [port, { passed, sent }] of await runOf())
        for (const [at, letter] of isInOrder(port) ? passed : [])
          if (at < prefix(sent))
            assert.equal([...(sent.get(at) ?? [])], [letter], `${port}: copies of byte ${at} that left`);
    });
  }

test.run();
