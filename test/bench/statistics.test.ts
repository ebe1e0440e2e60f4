/** Medians, ranges, and when a ratio is refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { measure, secondsLeft } from "../../bench/measure.ts";
import { comparisons } from "../../bench/rows.ts";
import { holds, spreadOf } from "../../bench/statistics.ts";
import { render } from "../../bench/table.ts";
import { traceCounts, traceName } from "../../bench/trace/spec.ts";

test("the median of an even number of values lies between the middle two", () => {
  assert.equal(spreadOf([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 });
  assert.equal(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
});

test("a ratio holds as long as every round is within its claim", () => {
  assert.ok(holds([0.9, 1, 1, 1, 1.1], 0.1));
  assert.not(holds([0.89, 1, 1, 1, 1.1], 0.1));
  assert.not(holds([0.9, 1, 1, 1, 1.11], 0.1));
});

test("a ratio of fewer than five rounds does not hold", () => {
  assert.not(holds([1, 1, 1, 1], 0.1));
});

const CONDITIONS = { rounds: 5, march: "x86-64-v2", absent: [], elapsedSeconds: 75 };

/** Measures with rates that `rateOf` makes up; each run takes five seconds. */
function measured(rateOf: (name: string, run: number) => number, laps = 1) {
  let runs = 0;
  let clock = 0;
  const rows = comparisons.filter(({ name }) => name === "nf-6-to-1");
  return measure(rows, 5, {
    traceOf: ({ trace }) => ({ name: traceName(trace), counts: traceCounts(trace), path: "" }),
    lapsOf: () => laps,
    run: async ({ name, trace }) => {
      clock += 5;
      const packets = laps * traceCounts(trace).packets;
      return { packets, seconds: packets / rateOf(name, runs++), hugepages: false };
    },
    progress: () => {},
    clock: () => clock,
  });
}

test("rounds are interleaved: a machine that slows down slows both sides of a ratio", async () => {
  const { comparisons: rows } = await measured((name, run) => (name === "6 NF" ? 5e6 : 1e7) * 0.99 ** run);
  assert.ok(rows[0]?.holds);
  assert.ok(Math.abs((rows[0]?.ratio.median ?? 0) - 0.5) < 0.01);
});

test("a ratio whose range is wider than its claim is not printed, and that is said", async () => {
  const noisy = await measured((name, run) => (name === "6 NF" && run > 5 ? 5e6 : 1e7));
  const text = render(noisy, CONDITIONS);
  const row = text.split("\n").find((line) => line.startsWith("nf-6-to-1  ")) ?? "";
  assert.match(row, / – +0\.50–1\.00 /);
  assert.match(text, "nf-6-to-1: no ratio, because rounds differ by more than ± 10 % from their median");
});

test("a ratio near 1 holds within less, where its row says so", async () => {
  const near = async (worth: number, noise: number) => {
    const row = comparisons.find(({ name }) => name === "without-event-guess");
    assert.ok(row);
    let runs = 0;
    const { comparisons: rows } = await measure([row], 5, {
      traceOf: ({ trace }) => ({ name: traceName(trace), counts: traceCounts(trace), path: "" }),
      lapsOf: () => 1,
      run: async ({ name, trace }) => {
        const rate = name.includes("without") ? 1e7 : 1e7 * worth * (runs > 5 ? noise : 1);
        runs++;
        const { packets } = traceCounts(trace);
        return { packets, seconds: packets / rate, hugepages: false };
      },
      progress: () => {},
      clock: () => 0,
    });
    return rows[0]?.holds;
  };
  assert.is(await near(1.05, 1.02), true);
  assert.is(await near(1.05, 1.05), false);
  assert.is(await near(1.5, 1.05), true);
  assert.is(await near(1.5, 1.2), false);
});

test("of fewer than five rounds no ratio is printed, and that is said", async () => {
  const { subjects, comparisons: rows } = await measured(() => 1e7);
  const few = rows.map((row) => ({ ...row, holds: false }));
  const text = render({ subjects, comparisons: few }, { ...CONDITIONS, rounds: 4 });
  assert.match(text, "no ratios: they need at least 5 rounds");
});

test("the run of every round is kept, not only what they come to", async () => {
  const { subjects } = await measured((_, run) => 1e6 * (run + 1));
  assert.equal(
    subjects.map(({ runs }) => runs.map(({ seconds }) => Math.round(65_536 / seconds / 1e6))),
    [
      [1, 4, 5, 8, 9],
      [2, 3, 6, 7, 10],
    ],
  );
});

test("what the figures were taken under is printed", async () => {
  const text = render(await measured(() => 1e7), CONDITIONS);
  assert.match(text, "5 interleaved rounds, medians and ranges; --march x86-64-v2");
  assert.match(text, "packets are in memory before the clock starts");
  assert.match(text, "elapsed: 1 min 15 s");
  assert.match(text, / ± 10 % +– +50 s$/m);
  assert.not.match(text, "longer than a minute");
});

test("laps play the packets in memory again, with other flows", async () => {
  const { subjects } = await measured(() => 1e7, 20);
  assert.is(subjects[0]?.flows, 20 * 1024);
  assert.match(render({ subjects, comparisons: [] }, CONDITIONS), / 65,536 +no +20 +20,480 +10\.00 /);
});

test("cycles a packet are the median of the runs that know them", async () => {
  const { subjects } = await measured(() => 1e7);
  const known = subjects.map((subject) => ({
    ...subject,
    runs: [90, 100, 120].map((each) => ({ packets: 1000, seconds: 1, cycles: each * 1000 })),
  }));
  const lastCells = (text: string) =>
    text
      .split("\n")
      .slice(1, 3)
      .map((line) => line.split(/ {2,}/).at(-2));
  assert.equal(lastCells(render({ subjects: known, comparisons: [] }, CONDITIONS)), ["100", "100"]);
  assert.equal(lastCells(render({ subjects, comparisons: [] }, CONDITIONS)), ["–", "–"]);
});

test("latencies are the medians of the runs that were asked for them, and it is said what they are", async () => {
  const { subjects } = await measured(() => 1e7);
  const timed = subjects.map((subject) => ({
    ...subject,
    runs: [1000, 2000, 9000].map((p50) => ({
      packets: 1000,
      seconds: 1,
      latency: { p50, p99: 2 * p50 },
    })),
  }));
  const text = render({ subjects: timed, comparisons: [] }, CONDITIONS);
  assert.is(text.match(/ {2}2,000 \/ 4,000$/gm)?.length, 2);
  assert.match(text, "latency is in cycles from the receive of a burst until its packets were sent");
  assert.not.match(render({ subjects, comparisons: [] }, CONDITIONS), "latency is");
});

test("a row of latencies compares what half of the packets took at most, round by round, and says so", async () => {
  const rows = comparisons.filter(({ name }) => name === "parallel-2-latency");
  let runs = 0;
  const measurement = await measure(rows, 5, {
    traceOf: ({ trace }) => ({ name: traceName(trace), counts: traceCounts(trace), path: "" }),
    lapsOf: () => 1,
    run: async ({ name, trace }) => {
      const { packets } = traceCounts(trace);
      const p50 = (name.includes("parallel") ? 4000 : 8000) + runs++;
      return { packets, seconds: 1, hugepages: false, latency: { p50, p99: 2 * p50 } };
    },
    progress: () => {},
    clock: () => 0,
  });
  assert.ok(Math.abs((measurement.comparisons[0]?.ratio.median ?? 0) - 0.5) < 0.01);
  assert.match(render(measurement, CONDITIONS), /^parallel-2-latency +latency: .* 0\.50 +0\.50–0\.50 /m);
});

test("of who reads the capture from its file that is said", async () => {
  const { subjects } = await measured(() => 1e7);
  const reading = subjects.map((subject, i) => ({ ...subject, inMemory: i > 0 }));
  assert.match(
    render({ subjects: reading, comparisons: [] }, CONDITIONS),
    / – +no +1 [\s\S]*reads the capture from its file/,
  );
  assert.not.match(render({ subjects, comparisons: [] }, CONDITIONS), "reads the capture");
});

test("a call's cycles are not what the subject takes more, for each call that it has more", async () => {
  const rows = comparisons.filter(({ name }) => name === "six-to-one");
  const traceOf = ({ trace }: (typeof rows)[number]["subject"]) => ({
    name: traceName(trace),
    counts: traceCounts(trace),
    path: "",
  });
  const measurement = await measure(rows, 5, {
    traceOf,
    lapsOf: () => 2,
    run: async ({ name, trace }) => {
      const { packets, client } = traceCounts(trace);
      const calls = name === "6 adding" ? 6 : 1;
      const cycles = 2 * (100 * packets + 4.5 * calls * client.segments);
      return { packets: 2 * packets, seconds: 1, cycles, hugepages: false };
    },
    progress: () => {},
    clock: () => 0,
  });
  assert.ok(Math.abs((measurement.comparisons[0]?.cyclesPerCall?.median ?? 0) - 4.5) < 1e-6);
  assert.match(render(measurement, CONDITIONS), /^six-to-one .* ± 10 % +4\.5 +0 s$/m);
});

test("of packets in ordinary pages that is said, and how many hugepages are enough", async () => {
  const { subjects } = await measured(() => 1e7);
  const text = (hugepages: readonly boolean[]): string =>
    render(
      { subjects: subjects.map((one, i) => ({ ...one, hugepages: hugepages[i] ?? true })), comparisons: [] },
      CONDITIONS,
    );
  assert.match(text([false, false]), "all packets were in ordinary pages: sysctl vm.nr_hugepages=");
  assert.match(text([true, false]), "packets of 6 NF were in ordinary pages");
  assert.not.match(text([true, true]), "ordinary pages");
});

test("what is left takes as long as what was: of a subject that has not run yet, as the others", () => {
  const ran = (...seconds: readonly number[]) => ({
    elapsed: seconds.reduce((sum, one) => sum + one, 0),
    runs: seconds,
  });
  assert.is(secondsLeft([ran(2, 4), ran(1, 1)], 2), 0);
  assert.is(secondsLeft([ran(2, 4), ran(1), ran()], 3), 3 + 2 * 1 + 3 * 2);
});

test("what takes too long is named", async () => {
  const { subjects, comparisons: rows } = await measured(() => 1e7);
  const slow = rows.map((row) => ({ ...row, elapsedSeconds: 61 }));
  const text = render({ subjects, comparisons: slow }, { ...CONDITIONS, elapsedSeconds: 1201 });
  assert.match(text, "nf-6-to-1: took longer than a minute");
  assert.match(text, "the whole took longer than 20 minutes");
});

test.run();
