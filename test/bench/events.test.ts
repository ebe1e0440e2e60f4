// time limit: 120 s
/** A monitor raises as many of each event over a trace of the bench as the trace says. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inRuns, randomOrder, roundRobin, shortFlows } from "../../bench/trace/order.ts";
import { framesOf, imix, requestsOf, segmentsOf } from "../../bench/trace/size.ts";
import { type TraceSpec, traceName } from "../../bench/trace/spec.ts";
import { makeTrace } from "../../bench/trace/trace.ts";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { makeTempFolder } from "../support/temp.ts";

const SPECS: readonly TraceSpec[] = [
  { seed: 1, size: framesOf(64), each: 8, order: roundRobin(100) },
  { seed: 2, size: segmentsOf(1448), each: 70, order: inRuns(8, 32) },
  { seed: 3, size: imix, each: 24, order: shortFlows(60, 16) },
  { seed: 4, size: requestsOf(8192), each: 3, order: roundRobin(20) },
  { seed: 5, size: framesOf(64), each: 2, order: randomOrder(2000) },
  { seed: 6, size: framesOf(512), each: 6, order: roundRobin(20), http: { attackEvery: 4 } },
];

let built: BuiltChain;
test.before(async () => {
  built = await buildChain("hear_all");
});

for (const spec of SPECS)
  test(`${traceName(spec)}: no other events, and no fewer`, async () => {
    const { counts, path } = makeTrace(spec, makeTempFolder("trace"));
    const { summary } = await built.run(path);
    const raised = Object.entries(summary.events).filter(([, count]) => count > 0);
    assert.equal(Object.fromEntries(raised), counts.events);
    assert.equal([summary.packets.in, summary.packets.out], [counts.packets, counts.packets]);
    assert.is(summary.counters["bytes.in"], counts.bytes);
    assert.equal(summary.flows, { started: counts.flows, midstream: 0, ended: { fin: counts.flows } });
  });

test.run();
