// time limit: 400 s
// A thousand flows whose kept bytes three workers ask for at once, through the
// smallest rings: nothing is lost, nobody waits for ever.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildChain } from "../support/chain.ts";
import { Connection } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";

const FLOWS = 1000;
const PIECES = 60;
const PIECE = 50;

test("choices of a thousand flows at once lose what was kept, or block workers with small rings", async () => {
  const built = await buildChain("late");
  const connections = Array.from({ length: FLOWS }, (_, i) => new Connection({ sport: 10_000 + i }));
  const all = (make: (one: Connection) => readonly Buffer[]): readonly Buffer[] => connections.flatMap(make);
  const frames = [
    ...all((one) => one.handshake()),
    ...Array.from({ length: PIECES }, () => all((one) => [one.data("client", "x".repeat(PIECE))])).flat(),
    ...all((one) => [one.data("server", "!")]),
    ...all((one) => one.close()),
  ];
  for (const rings of [{ events: 16, answers: 16, spill: 256 }, undefined]) {
    const run = await built.run(spaced(frames, 100n), {
      burst: 32,
      limit: 120_000,
      ...(rings === undefined ? {} : { rings }),
    });
    assert.equal(
      [...run.log].sort(),
      ["one", "three", "two"].map((name) => `${name} ${FLOWS} flows whole, 0 wrong`),
    );
    assert.equal(
      Object.values(run.summary.nfs).map(({ lost }) => lost),
      [0, 0, 0],
    );
    assert.is(run.summary.counters["held.from_start_lost"], 0);
  }
});

test.run();
