/** Medians, ranges, and when a ratio is refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { measure } from "../../bench/measure.ts";
import { comparisons } from "../../bench/rows.ts";
import { holds, spreadOf } from "../../bench/statistics.ts";
import { render } from "../../bench/table.ts";
import { traceCounts } from "../../bench/trace/trace.ts";

test("the median of an even number of values lies between the middle two", () => {
  assert.equal(spreadOf([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 });
  assert.equal(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
});

test("a ratio holds as long as every round is within its claim", () => {
  assert.ok(holds({ median: 1, min: 0.9, max: 1.1 }, 0.1));
  assert.not(holds({ median: 1, min: 0.89, max: 1.1 }, 0.1));
  assert.not(holds({ median: 1, min: 0.9, max: 1.11 }, 0.1));
});

/** Measures with rates that `rateOf` makes up. */
function measured(rateOf: (name: string, lap: number) => number) {
  let laps = 0;
  const rows = comparisons(20_000).filter(({ name }) => name === "nf-6-to-1");
  return measure(rows, 5, {
    traceOf: ({ trace }) => ({ spec: trace, counts: traceCounts(trace), path: "" }),
    lap: async ({ name }) => rateOf(name, laps++),
    progress: () => {},
  });
}

test("rounds are interleaved: a machine that slows down slows both sides of a ratio", async () => {
  const { comparisons: rows } = await measured((name, lap) => (name === "6 NF" ? 5e6 : 1e7) * 0.99 ** lap);
  assert.ok(rows[0]?.holds);
  assert.ok(Math.abs((rows[0]?.ratio.median ?? 0) - 0.5) < 0.01);
});

test("a ratio whose range is wider than its claim is not printed, and that is said", async () => {
  const noisy = await measured((name, lap) => (name === "6 NF" && lap > 5 ? 5e6 : 1e7));
  const text = render(noisy, 5);
  const row = text.split("\n").find((line) => line.startsWith("nf-6-to-1  ")) ?? "";
  assert.match(row, / – +0\.50–1\.00 /);
  assert.match(text, "nf-6-to-1: no ratio, because rounds differ by more than ± 10 % from their median");
});

test.run();
