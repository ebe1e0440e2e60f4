// time limit: 400 s
// Bytes that were dropped stay dropped, whatever else their sender says: no reset that
// the host ignores, and no SYN behind it, ends what is forbidden.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildChain, type ChainRun } from "../support/chain.ts";
import { Connection, reversed, type SegmentTraits, tcpFrame } from "../support/frames.ts";
import { EPOCH, type Timed } from "../support/made-capture.ts";

const client = (one: Connection, traits: SegmentTraits): Buffer =>
  tcpFrame(one.ends, { seq: one.client, ack: one.server, flags: "PA", ...traits });
const server = (one: Connection, traits: SegmentTraits): Buffer =>
  tcpFrame(reversed(one.ends), { seq: one.server, ack: one.client, flags: "A", ...traits });

/** A frame, or milliseconds in which nothing comes. */
type Step = Buffer | number;

function timed(steps: readonly Step[]): readonly Timed[] {
  const out: Timed[] = [];
  let time = EPOCH;
  for (const step of steps) {
    if (typeof step === "number") {
      time += BigInt(step) * 1_000_000n;
      continue;
    }
    time += 1000n;
    out.push({ time, frame: step });
  }
  return out;
}

/** What the client does behind the dropped word, which begins at `at`. */
const ways: Readonly<Record<string, (one: Connection, word: string, at: number) => readonly Step[]>> = {
  "sent again": (one, word, at) => [client(one, { seq: at, payload: `${word} 2` })],
  "sent again behind a reset": (one, word, at) => [
    client(one, { seq: at + word.length, flags: "R" }),
    client(one, { seq: at, payload: `${word} 2` }),
  ],
  "sent again behind a reset and a SYN": (one, word, at) => [
    client(one, { seq: at + word.length, flags: "R" }),
    client(one, { seq: at - 1000, flags: "S", ack: 0 }),
    client(one, { seq: at, payload: `${word} 2` }),
  ],
  "cut in two behind a reset, a SYN and its challenge": (one, word, at) => [
    client(one, { seq: at + word.length, flags: "R" }),
    client(one, { seq: at - 1, flags: "S", ack: 0 }),
    server(one, { ack: at }),
    client(one, { seq: at, payload: word.slice(0, 2) }),
    client(one, { seq: at + 2, payload: `${word.slice(2)} 2` }),
  ],
  "cut in two long after a reset": (one, word, at) => [
    client(one, { seq: at + word.length, flags: "R" }),
    6000,
    client(one, { seq: at, payload: word.slice(0, 2) }),
    client(one, { seq: at + 2, payload: `${word.slice(2)} 2` }),
  ],
};

/** Without what pads short frames. */
const payloads = (run: ChainRun): readonly string[] =>
  run.out.map(({ frame }) => String(frame.subarray(54)).replace(/\0+$/, "")).filter((text) => text !== "");

for (const language of ["c", "ts"])
  test(`dropped bytes reach the host (${language === "c" ? "C" : "TypeScript"})`, async () => {
    const built = await buildChain(`verdicts_${language}`);
    for (const [way, make] of Object.entries(ways))
      for (const word of ["drop", "flow"])
        for (const burst of [1, 2, 32]) {
          const one = new Connection();
          const start = [...one.handshake(), one.data("client", "hello"), one.ack("server")];
          const at = one.client;
          const steps = [...start, one.data("client", word), ...make(one, word, at)];
          const run = await built.run(timed(steps), { burst });
          assert.equal(payloads(run), ["hello"], `${word}, ${way}, bursts of ${burst}`);
        }
  });

test("a reset behind dropped bytes ends the flow, or one that the host takes does not", async () => {
  const built = await buildChain("verdicts_c");
  for (const burst of [1, 32])
    for (const [offset, ends] of [
      [4, false],
      [1, false],
      [0, true],
    ] as const) {
      const one = new Connection();
      const start = [...one.handshake(), one.data("client", "hello"), one.ack("server")];
      const at = one.client;
      const run = await built.run(
        timed([...start, one.data("client", "drop"), client(one, { seq: at + offset, flags: "R" })]),
        { burst },
      );
      assert.is(
        run.summary.flows.ended.rst ?? 0,
        ends ? 1 : 0,
        `a reset ${offset} behind, bursts of ${burst}`,
      );
    }
});

/** Resets that are valid though nothing of their side is in flight. */
const resets: Readonly<Record<string, (one: Connection) => readonly Step[]>> = {
  "of a side that has not spoken": (one) => {
    const midway = [one.data("client", "hello"), one.data("client", "flow")];
    return [...midway, server(one, { seq: 7, flags: "R" })];
  },
  "in the place of an acknowledged FIN": (one) => {
    const start = [...one.handshake(), one.data("client", "hello"), one.ack("server")];
    const fin = one.server;
    const closing = [server(one, { flags: "FA" }), client(one, { ack: fin + 1, flags: "A" })];
    return [...start, ...closing, one.data("client", "flow"), server(one, { seq: fin, flags: "R" })];
  },
};

for (const [which, make] of Object.entries(resets))
  test(`a reset ${which} ends a dropped flow, in bursts of some size`, async () => {
    const built = await buildChain("verdicts_c");
    for (const burst of [1, 32]) {
      const run = await built.run(timed(make(new Connection())), { burst });
      assert.is(run.summary.flows.ended.rst ?? 0, 0, `bursts of ${burst}`);
      assert.equal(payloads(run), ["hello"], `bursts of ${burst}`);
    }
  });

test.run();
