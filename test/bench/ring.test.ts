/** Rows of handlers alone: TypeScript against C over the records of a ring. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { MeasuredRing } from "../../bench/ring/ring.ts";
import { buildDrain } from "../../bench/ring/run.ts";
import { renderRings } from "../../bench/ring/table.ts";
import { ringRows } from "../../bench/rows/typescript.ts";
import { comparisons } from "../../bench/rows.ts";
import { spreadOf } from "../../bench/statistics.ts";
import { ROOT } from "../support/mbx.ts";
import { makeTempFolder } from "../support/temp.ts";

test("a row has the name of another", () => {
  const names = [...comparisons, ...ringRows].map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
});

for (const { name, subject } of ringRows)
  test(`${name}: its C side is not of the function that the chain has in TypeScript`, () => {
    assert.ok(existsSync(buildDrain(subject, makeTempFolder("drain"), "x86-64-v2")));
    assert.ok(existsSync(join(ROOT, "bench/chains/rings", `${subject.nf}.ts`)));
  });

const measured = (rounds: readonly number[], holds: boolean): MeasuredRing => ({
  name: "typescript-ring-some",
  work: "PKT_TCP",
  trace: "a trace",
  claim: 0.1,
  rounds,
  ratio: spreadOf(rounds),
  holds,
  ts: spreadOf([50e6]),
  c: spreadOf([100e6]),
});

test("a ratio is printed that does not hold", () => {
  assert.match(renderRings([measured([0.4, 0.5, 0.6], true)]), / 0\.50 +0\.40–0\.60 /);
  assert.match(renderRings([measured([0.4, 0.5, 0.6], false)]), / – +0\.40–0\.60 /);
  assert.is(renderRings([]), "");
});

test.run();
