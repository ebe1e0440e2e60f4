/** Counts of a lap are read and compared exactly. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { numberAt, wrongCounts } from "../../bench/lap.ts";

const SUMMARY = {
  packets: { in: 10, dropped: { flow: 2 } },
  counters: { "bytes.in": 600 },
  nfs: { count1: { handled: 7 } },
};

test("numbers are found by dotted names, also where a name has dots itself", () => {
  assert.is(numberAt(SUMMARY, "packets.dropped.flow"), 2);
  assert.is(numberAt(SUMMARY, "counters.bytes.in"), 600);
  assert.is(numberAt(SUMMARY, "nfs.count1.handled"), 7);
  assert.is(numberAt(SUMMARY, "packets.out"), 0);
});

test("each count that is off by one is told", () => {
  assert.equal(wrongCounts(SUMMARY, { "packets.in": 10, "nfs.count1.handled": 7 }, 1), []);
  assert.equal(wrongCounts(SUMMARY, { "packets.in": 11, "counters.bytes.in": 600 }, 1), [
    "packets.in is 10, the trace has 11",
  ]);
});

test("counts of a run are those of the trace, times its laps", () => {
  assert.equal(wrongCounts(SUMMARY, { "packets.in": 5, "counters.bytes.in": 300 }, 2), []);
  assert.equal(wrongCounts(SUMMARY, { "packets.in": 10 }, 2), ["packets.in is 10, the trace has 20"]);
});

test.run();
