/** Rows of the bench, and what each run of them plays. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { subjectsOf } from "../../bench/measure.ts";
import { bare } from "../../bench/rows/bare.ts";
import { ids } from "../../bench/rows/ids.ts";
import { comparisons, rowsNamed } from "../../bench/rows.ts";
import { lapsOf } from "../../bench/subjects.ts";
import { traceCounts } from "../../bench/trace/spec.ts";
import { traces } from "../../bench/traces.ts";
import { ROOT } from "../support/mbx.ts";

const named = (...names: readonly string[]) => rowsNamed(comparisons, names).map(({ name }) => name);

test("a whole name chooses its row alone, a part all that have it", () => {
  assert.equal(named("nf-6"), ["nf-6"]);
  assert.equal(named("flows-r", "ids"), ["flows-runs", "ids"]);
  assert.ok(named("nf-6-to-1-").length > 1);
  assert.equal(named("no such row"), []);
  assert.is(named().length, comparisons.length);
});

test("rows have names of their own", () => {
  assert.is(new Set(named()).size, comparisons.length);
});

test("both sides of a row play the same trace", () => {
  for (const { name, subject, baseline } of comparisons) assert.is(subject.trace, baseline.trace, name);
});

test("both sides of a row of latency count it", () => {
  const rows = comparisons.filter(({ compares }) => compares === "latency");
  assert.ok(rows.length > 0);
  for (const { name, subject, baseline } of rows)
    for (const side of [subject, baseline])
      assert.ok(side.kind === "chain" && side.run?.includes("--latency"), name);
});

test("chains of rows are there", () => {
  for (const subject of subjectsOf(comparisons))
    if (subject.kind === "chain") assert.ok(existsSync(join(ROOT, subject.chain)), subject.chain);
});

test("a run plays about as many packets as asked for, a slow chain fewer, and a lap at least", () => {
  const counts = traceCounts(traces.small);
  assert.is(lapsOf(bare(traces.small), counts, 65_536 * 16), 16);
  assert.is(lapsOf(ids(traces.small), counts, 65_536 * 16), 2);
  assert.is(lapsOf(bare(traces.small), counts, 1), 1);
});

test.run();
