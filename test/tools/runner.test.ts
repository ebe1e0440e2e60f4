import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readTap } from "../runner/cmocka.ts";
import { readFuzz, shortRun } from "../runner/fuzz.ts";
import { singleOutcome } from "../runner/job.ts";
import { resultLines, slowestLines } from "../runner/report.ts";
import { sweepScratch } from "../runner/scratch.ts";
import { readUvu, readWishes } from "../runner/uvu.ts";
import { ROOT } from "../support/mbx.ts";
import { makeTempFolder } from "../support/temp.ts";

const uvuOutput = (total: number, passed: number, skipped: number) =>
  `• •   (${passed} / ${total})\n\n  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}\n  Duration:  0.40ms\n\n`;

test("a file whose tests pass counts each of them", () => {
  const outcome = readUvu({ code: 0, output: uvuOutput(3, 3, 0) });
  assert.equal([outcome.passed, outcome.failed, outcome.skipped], [3, 0, []]);
});

test("a failing test is counted", () => {
  const outcome = readUvu({ code: 1, output: uvuOutput(3, 2, 0) });
  assert.equal([outcome.passed, outcome.failed], [2, 1]);
});

test("a file that crashes before its totals counts as failed", () => {
  assert.is(readUvu({ code: 1, output: "SyntaxError: Unexpected token" }).failed, 1);
});

test("a file that ends quietly without a result counts as failed", () => {
  assert.is(readUvu({ code: 0, output: "" }).failed, 1);
});

test("a file whose tests pass and that ends with an error counts as failed", () => {
  assert.is(readUvu({ code: 139, output: uvuOutput(1, 1, 0) }).failed, 1);
});

test("a declared skip is counted with its reason", () => {
  const outcome = readUvu({ code: 0, output: `# skip live: no CAP_NET_ADMIN\n${uvuOutput(2, 2, 1)}` });
  assert.equal([outcome.passed, outcome.failed], [2, 0]);
  assert.equal(outcome.skipped, [{ name: "live", reason: "no CAP_NET_ADMIN" }]);
});

test("a test that skips while it runs is not counted as passed", () => {
  const outcome = readUvu({ code: 0, output: `# skip live: no nginx\n${uvuOutput(2, 2, 0)}` });
  assert.equal([outcome.passed, outcome.skipped.length], [1, 1]);
});

test("a skip without a reason fails", () => {
  assert.is(readUvu({ code: 0, output: uvuOutput(2, 2, 1) }).failed, 1);
});

test("a file asks for time, and for the machine, in lines of its own", () => {
  assert.equal(readWishes("// time limit: 300 s\n// alone: traffic\n"), { limit: 300_000, alone: true });
  assert.equal(readWishes("// It is alone: so says this.\n"), { limit: 120_000, alone: false });
});

test("who wants the machine alone and gives no reason does not get it", () => {
  assert.is(readWishes("// alone:\nconst x = 1;\n").alone, false);
});

test("C tests are counted one by one", () => {
  const outcome = readTap({ code: 0, output: "1..3\nok 1 - a\nok 2 - b\nok 3 - c\n" });
  assert.equal([outcome.passed, outcome.failed], [3, 0]);
});

test("a C program with several groups counts all of them", () => {
  const outcome = readTap({ code: 1, output: "1..2\nok 1 - a\nnot ok 2 - b\n1..1\nok 1 - c\n" });
  assert.equal([outcome.passed, outcome.failed], [2, 1]);
});

test("C tests that a crash prevented count as failed", () => {
  const outcome = readTap({ code: 1, output: "1..3\nok 1 - a\nAddressSanitizer: heap-use-after-free\n" });
  assert.equal([outcome.passed, outcome.failed], [1, 2]);
});

test("a leak that is found after the last C test fails", () => {
  const outcome = readTap({ code: 23, output: "1..1\nok 1 - a\nLeakSanitizer: detected memory leaks\n" });
  assert.is(outcome.failed, 1);
});

test("a C test that skips with a reason is neither passed nor failed", () => {
  const outcome = readTap({ code: 0, output: "1..2\nok 1 - a\n# skip b: one core\nnot ok 2 # SKIP b\n" });
  assert.equal([outcome.passed, outcome.failed, outcome.skipped.length], [1, 0, 1]);
});

test("a C test that skips without a reason fails", () => {
  assert.is(readTap({ code: 0, output: "1..1\nnot ok 1 # SKIP b\n" }).failed, 1);
});

test("a C program that prints nothing fails", () => {
  assert.is(readTap({ code: 0, output: "" }).failed, 1);
});

const fuzzed = "stat::number_of_executed_units: 12345\nstat::average_exec_per_sec:     12\n";

test("a fuzz target says how often it was executed", () => {
  const outcome = readFuzz({ code: 0, output: fuzzed });
  assert.equal([outcome.passed, outcome.failed], [1, 0]);
  const job = { name: "packet_fuzz", alone: false, run: async () => outcome };
  assert.match(resultLines({ job, outcome, duration: 1000 }), /1 passed, 12,345 executions {2}1\.0 s/);
});

test("a fuzz target that found something, or was never executed, fails", () => {
  assert.is(readFuzz({ code: 77, output: fuzzed }).failed, 1);
  assert.is(readFuzz({ code: 0, output: "" }).failed, 1);
});

test("fuzz targets have a minute each in CI", () => {
  assert.equal([shortRun({ CI: "true" }), shortRun({})], [60, 10]);
});

test("the ten jobs that took longest are not named, or named where there are no more", () => {
  const outcome = singleOutcome(true, "");
  const results = Array.from({ length: 12 }, (_, i) => ({
    job: { name: `job-${i}`, alone: false, run: async () => outcome },
    outcome,
    duration: 1000 * ((i * 5) % 12),
  }));
  const named = [...slowestLines(results).matchAll(/^ +job-\d+ +(\d+)\.0 s$/gm)].map(([, time]) =>
    Number(time),
  );
  assert.equal(named, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  assert.is(slowestLines(results.slice(0, 10)), "");
});

/** Of a process that has ended. */
const ENDED = spawnSync("true").pid;

test("temporary files of runs that were killed stay, or others go too", () => {
  const place = makeTempFolder("place");
  const kept = [`mbx-tests-${process.pid}`, "mbx-tests-", "mbx-tests-x", "somebody-else"];
  for (const name of [`mbx-tests-${ENDED}`, ...kept])
    mkdirSync(join(place, name, "inside"), { recursive: true });
  sweepScratch(place);
  assert.equal(readdirSync(place).sort(), [...kept].sort());
});

test("temporary files of programs that the runner starts are elsewhere, or stay behind it", () => {
  const place = makeTempFolder("place");
  const script = `import { openScratch } from "./test/runner/scratch.ts";
import { spawnSync } from "node:child_process";
openScratch();
process.stdout.write(spawnSync("mktemp", { encoding: "utf8" }).stdout);`;
  const command = ["--import", "./node_modules/tsx/dist/loader.mjs", "--input-type=module", "-e", script];
  const env = { ...process.env, TMPDIR: place };
  const { stdout, stderr } = spawnSync(process.execPath, command, { cwd: ROOT, env, encoding: "utf8" });
  assert.ok(stdout.startsWith(`${place}/mbx-tests-`), stdout + stderr);
  assert.not(existsSync(dirname(stdout)));
});

test.run();
