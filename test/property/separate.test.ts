// time limit: 400 s
// With a stack for each network function, each hears what it hears over the stack that
// all share: the same calls in the same order for each flow, and the same frames leave.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain, type ChainRun } from "../support/chain.ts";
import { fragments } from "../support/fragments.ts";
import { udpFrame } from "../support/frames.ts";
import { groups, nfAndFlow, PACKETS, same, traffic } from "../support/invariance.ts";
import { spaced, type Timed } from "../support/made-capture.ts";
import { seeded } from "../support/random.ts";

const SEPARATE = ["--no-consolidate"];
const ENDS = { src: "10.0.0.1", dst: "10.0.0.2", sport: 4000, dport: 53 };

interface Pair {
  readonly shared: BuiltChain;
  readonly separate: BuiltChain;
}

const pairOf = async (name: string): Promise<Pair> => ({
  shared: await buildChain(name),
  separate: await buildChain(name, [], SEPARATE),
});

const framesOf = (run: ChainRun): readonly string[] => run.out.map(({ frame }) => frame.toString("hex"));

function compare(what: string, shared: ChainRun, separate: ChainRun): void {
  same(`calls, ${what}`, groups(shared.log, nfAndFlow), groups(separate.log, nfAndFlow));
  assert.equal(framesOf(separate), framesOf(shared), `frames, ${what}`);
  assert.equal(separate.summary.packets, shared.summary.packets, `packets, ${what}`);
  assert.equal(separate.summary.nfs, shared.summary.nfs, `functions, ${what}`);
}

/**
 * Queries for the chain before among connections, and some that no function wants. No
 * packet is missing: a stack that puts bytes in order ends a flow with a hole later than
 * one that does not, and functions that share one hear of the end together.
 */
function mixed(seed: number): readonly Timed[] {
  const random = seeded(seed);
  return traffic(seed, 3, true).flatMap(({ time, frame }) =>
    random(5) > 0
      ? [{ time, frame }]
      : [
          { time, frame },
          { time, frame: udpFrame({ ...ENDS, dport: random(2) === 0 ? 53 : 54 }, "x".repeat(random(40))) },
        ],
  );
}

test("calls, frames or counts differ between one stack and a stack for each function", async () => {
  const { shared, separate } = await pairOf("separate");
  for (const seed of [1, 2, 3]) {
    const packets = mixed(seed);
    for (const burst of [1, 32, 256]) {
      const one = await shared.run(packets, { burst });
      const other = await separate.run(packets, { burst });
      assert.ok(one.log.length > PACKETS, "the traffic causes calls");
      compare(`seed ${seed}, burst ${burst}`, one, other);
      const stacks = Number(other.summary.flows.started) / Number(one.summary.flows.started);
      assert.is(stacks, 4, "each stack counts the flows for itself");
    }
  }
});

test("a function's stack hears datagrams or fragments of what one before it dropped", async () => {
  const { shared, separate } = await pairOf("separate_drops");
  const random = seeded(4);
  const datagrams = Array.from({ length: 60 }, (_, id) => {
    const frame = udpFrame(
      { ...ENDS, dport: 50 + random(5) },
      `${"x".repeat(random(60))}${random(3) ? "" : "drop"}`,
    );
    return random(2) === 0 ? [frame] : fragments(frame, id, 16);
  });
  const packets = spaced(datagrams.flat());
  for (const burst of [1, 32]) {
    const [one, other] = [await shared.run(packets, { burst }), await separate.run(packets, { burst })];
    assert.ok(Number(one.summary.counters["dropped.nf"]) > 10, "some are dropped");
    assert.ok(Number(one.summary.counters["fragments.completed"]) > 10, "some come in fragments");
    compare(`burst ${burst}`, one, other);
  }
});

test.run();
