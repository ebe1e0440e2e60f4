// time limit: 900 s
// What handlers in C are called with, what they decide and what leaves does not
// depend on which of them run on other cores than their stack.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { fragments } from "../support/fragments.ts";
import { framesByFlow, groups, nfAndFlow, PACKETS, same, traffic } from "../support/invariance.ts";
import type { Timed } from "../support/made-capture.ts";
import { seeded } from "../support/random.ts";
import { inGre, inIp, inVxlan } from "../support/tunnels.ts";

const SEEDS = [1, 2];
const BURSTS = [1, 32, 256];

const places = {
  "one that publishes": ["first"],
  "one that drops": ["second"],
  "one of two beside each other": ["beside"],
  "one with timers and one that writes": ["third", "pen"],
  "each function": ["first", "second", "beside", "third", "pen"],
};

let beside: BuiltChain;

const TUNNELS = [
  (frame: Buffer) => frame,
  inGre,
  (frame: Buffer) => inVxlan(frame),
  (frame: Buffer) => inIp(frame, 6),
];

/** A flow's tunnel is that of its client's port: the larger of both. */
const tunnelOf = (frame: Buffer) =>
  TUNNELS[Math.max(frame.readUInt16BE(34), frame.readUInt16BE(36)) % TUNNELS.length] ?? inGre;

/** Connections in tunnels and outside, every sixth packet outside in fragments. */
function mixed(seed: number): readonly Timed[] {
  const random = seeded(seed);
  return traffic(seed).flatMap(({ time, frame }, id) => {
    const wrapped = tunnelOf(frame)(frame);
    if (wrapped !== frame || random(6) > 0) return [{ time, frame: wrapped }];
    return fragments(frame, id, 16).map((part, i) => ({ time: time + BigInt(i), frame: part }));
  });
}

const placed = (nfs: readonly string[]) => (source: string) =>
  source.replace(/^( {2}path .*)$/m, (path) => [path, ...nfs.map((nf) => `  place ${nf} on 0`)].join("\n"));

test.before(async () => {
  beside = await buildChain("placed");
});

for (const [who, nfs] of Object.entries(places))
  test(`calls, verdicts or frames differ where ${who} runs on another core`, async () => {
    const built = await buildChain("placed", [], [], placed(nfs));
    for (const seed of SEEDS) {
      const packets = mixed(seed);
      const expected = await beside.run(packets, { burst: 32 });
      assert.ok(expected.log.length > PACKETS, "the traffic causes calls");
      for (const burst of BURSTS) {
        const run = await built.run(packets, { burst });
        const at = `seed ${seed}, burst ${burst}`;
        same(`calls, ${at}`, groups(expected.log, nfAndFlow), groups(run.log, nfAndFlow));
        same(`frames, ${at}`, framesByFlow(expected), framesByFlow(run));
        assert.equal(run.summary.packets, expected.summary.packets, `packets, ${at}`);
        assert.equal(run.summary.flows, expected.summary.flows, `flows, ${at}`);
        assert.equal(run.summary.nfs, expected.summary.nfs, `functions, ${at}`);
        assert.equal(run.summary.counters, expected.summary.counters, `counters, ${at}`);
      }
    }
  });

test.run();
