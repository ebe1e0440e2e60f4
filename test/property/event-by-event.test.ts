// time limit: 400 s
// What handlers are called with, what they decide and what leaves does not depend on
// whether functions take turns at a burst's events or at each packet's.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildChain } from "../support/chain.ts";
import { framesByFlow, groups, nfAndFlow, PACKETS, same, traffic } from "../support/invariance.ts";

/** The second has a worker: its bursts leave the stage between two packets. */
for (const name of ["invariance", "separate"])
  test(`calls, verdicts or frames differ between batches and event by event (${name})`, async () => {
    const batches = await buildChain(name);
    const events = await buildChain(name, [], ["--event-by-event"]);
    for (const seed of [1, 2, 3, 4]) {
      const packets = traffic(seed);
      const one = await batches.run(packets);
      assert.ok(one.log.length > PACKETS, "the traffic causes calls");
      for (const burst of [1, 32]) {
        const other = await events.run(packets, { burst });
        same(`calls, seed ${seed}, burst ${burst}`, groups(one.log, nfAndFlow), groups(other.log, nfAndFlow));
        same(`frames, seed ${seed}, burst ${burst}`, framesByFlow(one), framesByFlow(other));
        for (const part of ["packets", "flows", "nfs", "counters"] as const)
          assert.equal(other.summary[part], one.summary[part], `${part}, seed ${seed}, burst ${burst}`);
      }
    }
  });

test.run();
