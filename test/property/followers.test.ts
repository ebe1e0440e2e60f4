// time limit: 400 s
// Who hears of bytes, packets, copies, holes and conflicts changes with what the
// server says, within a burst too: what was counted must not tell how large it was.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { spaced } from "../support/made-capture.ts";
import { traffic } from "../support/switching-traffic.ts";

const SEEDS = Array.from({ length: 16 }, (_, i) => i + 1);

let built: BuiltChain;

test.before(async () => {
  built = await buildChain("followers");
});

for (const seed of SEEDS)
  test(`events, calls or counters hang on the size of bursts (seed ${seed})`, async () => {
    const { frames } = traffic(seed);
    const { summary: single } = await built.run(spaced(frames), { burst: 1 });
    for (const burst of [2, 7, 32, 256]) {
      const { summary } = await built.run(spaced(frames), { burst });
      assert.equal(summary.events, single.events, `events, burst ${burst}`);
      assert.equal(summary.nfs, single.nfs, `calls, burst ${burst}`);
      assert.equal(summary.counters, single.counters, `counters, burst ${burst}`);
    }
  });

test.run();
