/** The bench, whole, with one round: it counts right and writes what it prints. */
// time limit: 400 s
// alone: its chains are given cores of their own
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compileRows } from "../../bench/compile/compile.ts";
import { comparisons } from "../../bench/rows.ts";
import { ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";

const TSX = join(ROOT, "node_modules/tsx/dist/loader.mjs");

const bench = (args: readonly string[]) =>
  runProgram([process.execPath, "--import", `file://${TSX}`, "bench/main.ts", ...args], {
    cwd: ROOT,
    limit: 380_000,
  });

test("one round of one row prints a table and writes the same as JSON", async () => {
  const file = join(makeTempFolder("bench"), "bench.json");
  const { code, stdout, stderr } = await bench([
    ...["--only", "nf-1", "--rounds", "1", "--packets", "400000", "--json", file],
  ]);
  assert.is(code, 0, stderr);
  const { rounds, subjects, comparisons } = JSON.parse(readFileSync(file, "utf8"));
  assert.is(rounds, 1);
  assert.equal(
    subjects.map(({ name }: { name: string }) => name),
    ["bare", "1 NF"],
  );
  assert.is(comparisons[0].name, "nf-1");
  assert.match(stdout, comparisons[0].ratio.median.toFixed(2));
});

test("a name that no row has is wrong use, and those there are get named", async () => {
  const { code, stderr } = await bench(["--only", "nothing"]);
  assert.is(code, 2);
  const listed = /; there are (.*)/.exec(stderr)?.[1]?.split(", ");
  assert.equal(
    listed,
    [...comparisons, ...compileRows].map(({ name }) => name),
  );
});

test.run();
