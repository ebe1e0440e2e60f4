// time limit: 300 s
/** The bench as a whole, over rows of different kinds: counts of every lap hold, and its JSON can be drawn. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compileRows } from "../../bench/compile/compile.ts";
import { readMeasurement } from "../../bench/draw/read.ts";
import { ringRows } from "../../bench/rows/typescript.ts";
import { comparisons } from "../../bench/rows.ts";
import { stageRows } from "../../bench/stages/measure.ts";
import { ROOT } from "../support/mbx.ts";
import { type Ran, runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";

const LOADER = join(ROOT, "node_modules/tsx/dist/loader.mjs");
const LIMIT_MS = 280_000;

/** As tools/bench.sh does, without looking for packages. */
const bench = (args: readonly string[]): Promise<Ran> =>
  runProgram([process.execPath, "--import", LOADER, "bench/main.ts", ...args], {
    cwd: ROOT,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    limit: LIMIT_MS,
  });

test("rows are built, run, counted, printed, and written", async () => {
  const file = join(makeTempFolder("bench"), "measured.json");
  const rows = ["nf-1-imix", "nf-6-to-1-requests-8k", "ids"].flatMap((name) => ["--only", name]);
  const { code, stdout, stderr } = await bench([
    ...rows,
    "--rounds",
    "1",
    "--packets",
    "400000",
    "--json",
    file,
  ]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^1 NF +IMIX, 1,024 flows round robin /m);
  assert.match(stdout, "no ratios: they need at least 5 rounds");
  const { measurement } = readMeasurement(readFileSync(file, "utf8"));
  assert.equal(
    measurement.comparisons.map(({ name, holds }) => [name, holds]),
    [
      ["nf-1-imix", false],
      ["nf-6-to-1-requests-8k", false],
      ["ids", false],
    ],
  );
  for (const { ratio } of measurement.comparisons) assert.match(stdout, ratio.median.toFixed(2));
  assert.is(measurement.subjects.length, 6);
  for (const { runs, packets, laps } of measurement.subjects) assert.is(runs[0]?.packets, packets * laps);
});

test("a row that is not there is wrong use, and those that are there are named", async () => {
  const { code, stderr } = await bench(["--only", "no-such-row"]);
  assert.is(code, 2);
  const listed = /no row's name contains no-such-row; there are (.*)/.exec(stderr)?.[1]?.split(", ");
  const rows = [...comparisons, ...stageRows, ...ringRows, ...compileRows];
  assert.equal(
    listed,
    rows.map(({ name }) => name),
  );
});

test("a file for --json that cannot be written is told of only when all is measured", async () => {
  const { code, stdout, stderr } = await bench(["--only", "flows", "--json", "/nowhere/b.json"]);
  assert.is(code, 2);
  assert.match(stderr, /^error: --json: .*no such file/);
  assert.is(stdout, "");
});

test("--list names every row, and what it compares", async () => {
  const { code, stdout } = await bench(["--list"]);
  assert.is(code, 0);
  assert.match(stdout, /^flows +flows \/ bare +64 B frames, 1,024 flows round robin$/m);
  assert.match(stdout, /^without-bulk-lookup .* only by its name$/m);
  const rows = [...comparisons, ...ringRows, ...stageRows, ...compileRows];
  assert.equal(
    stdout
      .split("\n")
      .slice(1, -1)
      .map((line) => line.split(" ")[0]),
    rows.map(({ name }) => name),
  );
});

test.run();
