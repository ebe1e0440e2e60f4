// time limit: 400 s
// Network functions that ignore and hear again are given exactly what a plain
// model says, whatever the size of bursts.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { spaced } from "../support/made-capture.ts";
import { byListener, traffic } from "../support/switching-traffic.ts";

const SEEDS = Array.from({ length: 16 }, (_, i) => i + 1);
let built: BuiltChain;

test.before(async () => {
  built = await buildChain("switching");
});

for (const seed of SEEDS)
  test(`who ignores and hears again is given other bytes than the model says (seed ${seed})`, async () => {
    const { frames, expected } = traffic(seed);
    assert.ok(
      [...expected.values()].flat().some((line) => line.includes(" gap ")),
      "something is missed",
    );
    let counters: Readonly<Record<string, number>> | undefined;
    for (const burst of [1, 2, 32, 256]) {
      const { log, summary, out } = await built.run(spaced(frames), { burst });
      const given = byListener(log);
      for (const [key, lines] of expected)
        assert.equal(given.get(key) ?? [], lines, `${key}, burst ${burst}`);
      assert.equal([...given.keys()].sort(), [...expected.keys()].sort(), `listeners, burst ${burst}`);
      assert.is(out.length, frames.length, `frames, burst ${burst}`);
      counters ??= summary.counters;
      assert.equal(summary.counters, counters, `counters, burst ${burst}`);
    }
  });

test.run();
