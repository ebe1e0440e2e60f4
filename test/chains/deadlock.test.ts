// time limit: 300 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildChain } from "../support/chain.ts";
import { udpFrame } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";

const PACKETS = 20;

test("three workers with the smallest rings block each other, or lose what they say", async () => {
  const built = await buildChain("deadlock");
  const frames = Array.from({ length: PACKETS }, (_, i) =>
    udpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1000 + i, dport: 53 }, "query"),
  );
  const run = await built.run(spaced(frames), { rings: { events: 16, answers: 16, spill: 16 } });
  assert.equal([...run.log].sort(), [
    `three ${100 * PACKETS} ${10 * 600} in order`,
    `two packets ${PACKETS}`,
  ]);
  assert.equal(
    Object.values(run.summary.nfs).map(({ lost }) => lost),
    [0, 0, 0],
  );
  assert.is(run.summary.counters["events.publications_lost"], 0);
});

test.run();
