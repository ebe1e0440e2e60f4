// time limit: 400 s
// What handlers are called with, what they decide and what leaves does not
// depend on how packets fall into bursts.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { framesByFlow, groups, nfAndFlow, PACKETS, same, traffic } from "../support/invariance.ts";

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

let built: BuiltChain;

test.before(async () => {
  built = await buildChain("invariance");
});

for (const seed of SEEDS)
  test(`calls, verdicts and frames differ between bursts of 1, 2, 32 and 256 (seed ${seed})`, async () => {
    const packets = traffic(seed);
    const single = await built.run(packets, { burst: 1 });
    assert.ok(single.log.length > PACKETS, "the traffic causes calls");
    for (const burst of [2, 32, 256]) {
      const run = await built.run(packets, { burst });
      same(`calls, burst ${burst}`, groups(single.log, nfAndFlow), groups(run.log, nfAndFlow));
      same(`frames, burst ${burst}`, framesByFlow(single), framesByFlow(run));
      assert.equal(run.summary.packets, single.summary.packets, `packets, burst ${burst}`);
      assert.equal(run.summary.flows, single.summary.flows, `flows, burst ${burst}`);
      assert.equal(run.summary.nfs, single.summary.nfs, `functions, burst ${burst}`);
      assert.equal(run.summary.counters, single.summary.counters, `counters, burst ${burst}`);
    }
  });

test.run();
