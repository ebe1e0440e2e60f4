// time limit: 300 s
/** `npm run streams` gives the bytestreams that two independent tools agree on. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";
import { capturePath, readTable, sharedTable, withoutCaptures } from "./shared.ts";

type Row = Readonly<Record<string, string>>;

const test = suite("streams");
const columns = ["len_c2s", "sha256_c2s", "len_s2c", "sha256_s2c"];

async function streamsOf(capture: string): Promise<readonly Row[]> {
  const main = join(ROOT, "samples/streams/main.mjs");
  const ran = await runProgram([process.execPath, main, capturePath(capture), "--checksum", "trust"], {
    cwd: ROOT,
    limit: 120_000,
  });
  assert.is(ran.code, 0, `${capture}: ${ran.stderr}`);
  return readTable(ran.stdout);
}

function ends(row: Row): string {
  return `${row.src}:${row.sport} -> ${row.dst}:${row.dport}`;
}

/** An empty stream's hash is not written down in the tables. */
function agrees(expected: Row, row: Row): boolean {
  return columns.every((column) => {
    if (column.startsWith("sha256") && expected[column] === "-") return true;
    return expected[column] === row[column];
  });
}

function files(folder: string): readonly string[] {
  return withoutCaptures === undefined
    ? [...new Set(sharedTable(`${folder}/expected.tsv`).map((row) => row.file ?? ""))]
    : ["(all)"];
}

for (const file of files("apps"))
  testUnless(test, withoutCaptures, `streams of apps/${file} are those that two tools agree on`, async () => {
    const expected = sharedTable("apps/expected.tsv").filter(
      (row) => row.file === file && row.verdict === "agree",
    );
    const rows = await streamsOf(`apps/${file}`);
    for (const row of expected) {
      const candidates = rows.filter((one) => ends(one) === ends(row));
      const text = `${file}, stream ${row.stream}, ${ends(row)}: ${row.len_c2s}/${row.len_s2c} bytes expected, ${candidates.map((one) => `${one.len_c2s}/${one.len_s2c}`).join(", ") || "no row"} found`;
      assert.ok(
        candidates.some((one) => agrees(row, one)),
        text,
      );
    }
  });

test.run();
