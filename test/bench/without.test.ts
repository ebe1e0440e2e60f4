// time limit: 600 s
/** Optimisations can still be taken away one by one, and what is left counts right. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { optimisations } from "../../bench/rows/without.ts";
import { comparisons, usualRows } from "../../bench/rows.ts";
import { keyOf } from "../../bench/subjects.ts";
import { applyPatch, patchedClone, patchOf } from "../../bench/without/clone.ts";
import { ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";

const names = [...new Set(optimisations.map(({ name }) => name))];

test("each patch has its row, and each row its patch", () => {
  const patches = readdirSync(join(ROOT, "bench/without"))
    .filter((file) => file.endsWith(".patch"))
    .map((file) => file.replace(".patch", ""));
  assert.equal([...patches].sort(), [...names].sort());
});

test("documentation says what each row takes away", () => {
  const page = readFileSync(join(ROOT, "docs/performance.md"), "utf8");
  const listed = [...page.matchAll(/^\| `([\w-]+)` \| [^|]* \| [^|]+ \| [\d.–]+ \| [\d.]+–[\d.]+ \|$/gm)].map(
    ([, name]) => name,
  );
  assert.equal(
    listed,
    optimisations.map(({ name, row = name }) => row),
  );
});

for (const name of names) {
  test(`the patch that takes ${name} away fits the sources as they are`, async () => {
    await applyPatch(name, ROOT, ["--check"]);
  });

  test(`the patch that takes ${name} away begins with a sentence that says what`, () => {
    assert.match(readFileSync(patchOf(name), "utf8"), /^[A-Z][^\n]*\.\n\ndiff --git /);
  });
}

test("both sides of a row are told apart, and it is measured only where it is asked for", () => {
  const rows = comparisons.filter(({ name }) => name.startsWith("without-"));
  assert.is(rows.length, optimisations.length);
  for (const { subject, baseline } of rows) {
    assert.is.not(keyOf(subject), keyOf(baseline));
    assert.match(keyOf(baseline), "without");
  }
  assert.is(usualRows(comparisons).length, comparisons.length - rows.length);
});

const LOADER = join(ROOT, "node_modules/tsx/dist/loader.mjs");

test("a chain is built and run without an optimisation, and counts what it does with it", async () => {
  const args = ["--only", "without-event-guess", "--rounds", "1", "--packets", "200000"];
  const { code, stdout, stderr } = await runProgram(
    [process.execPath, "--import", LOADER, "bench/main.ts", ...args],
    { cwd: ROOT, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" }, limit: 580_000 },
  );
  assert.is(code, 0, stderr);
  assert.match(stdout, /^without-event-guess +6 adding \/ 6 adding, without event-guess /m);
  const source = (clone: string) => readFileSync(join(clone, "runtime/dataplane/event/event.h"), "utf8");
  assert.match(source(ROOT), "e->next == guess");
  assert.not.match(source(patchedClone("event-guess")), "e->next == guess");
});

test.run();
