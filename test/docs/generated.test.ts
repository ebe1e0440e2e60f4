/** Tables of docs/running.md that are made from the code. */
import { writeFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { codes, explanationOf } from "../../compiler/diagnostics/registry.ts";
import { isRunCode } from "../../runtime/control/errors.ts";
import { ROOT, readPage, tableCell, withGenerated } from "./support.ts";

const PAGE = "docs/running.md";

/** Entries of MBX_COUNTERS: field, name, and what it counts, in one or more string literals. */
function counters(): readonly { readonly name: string; readonly doc: string }[] {
  const header = readPage("runtime/dataplane/counter.h").replaceAll("\\\n", " ");
  return [...header.matchAll(/X\(\w+,\s*"([^"]+)",\s*((?:"[^"]*"\s*)+)\)/g)].map(
    ([, name = "", literals = ""]) => ({
      name,
      doc: [...literals.matchAll(/"([^"]*)"/g)].map(([, text]) => text).join(""),
    }),
  );
}

function counterTable(): string {
  const rows = counters().map(({ name, doc }) => `| \`${name}\` | ${tableCell(doc)} |`);
  return ["| counter | counts |", "|---|---|", ...rows].join("\n");
}

const firstSentence = (text: string): string => /^.*?\.(?= |$)/s.exec(text)?.[0] ?? text;

function codeTable(): string {
  const rows = codes
    .filter(isRunCode)
    .map((code) => `| ${code} | ${tableCell(firstSentence(explanationOf(code).cause))} |`);
  return ["| code | |", "|---|---|", ...rows].join("\n");
}

test("the counters' table is made of as many entries as counter.h has", () => {
  const entries = [...readPage("runtime/dataplane/counter.h").matchAll(/^\tX\(/gm)].length;
  assert.is(counters().length, entries);
  assert.ok(entries > 0);
});

test("docs/running.md has the tables that the code makes; MBX_BLESS=1 writes them anew", () => {
  const page = readPage(PAGE);
  const expected = withGenerated(withGenerated(page, "counters", counterTable()), "codes", codeTable());
  if (process.env.MBX_BLESS === "1" && process.env.CI === undefined)
    writeFileSync(new URL(PAGE, ROOT), expected);
  assert.is(readPage(PAGE), expected);
});

test.run();
