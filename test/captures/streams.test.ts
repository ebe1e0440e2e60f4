// time limit: 900 s
/**
 * `npm run streams` gives the bytestreams that independent tools agree on, but for
 * those of exceptions.tsv, which a host reads otherwise.
 */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";
import {
  complaints,
  exceptions,
  expectedRows,
  FOLDERS,
  isExceptionOf,
  kindOf,
  type Row,
} from "./expected.ts";
import { capturePath, readTable, withoutCaptures } from "./shared.ts";

const test = suite("streams");

async function streamsOf(capture: string): Promise<readonly Row[]> {
  const main = join(ROOT, "samples/streams/main.mjs");
  const ran = await runProgram([process.execPath, main, capturePath(capture), "--checksum", "trust"], {
    cwd: ROOT,
    limit: 300_000,
  });
  assert.is(ran.code, 0, `${capture}: ${ran.stderr}`);
  return readTable(ran.stdout);
}

testUnless(test, withoutCaptures, "an exception is of no row, of another kind, or gives no reason", () => {
  for (const one of exceptions) {
    const text = `${one.folder}/${one.file}, stream ${one.stream}`;
    const rows = FOLDERS.flatMap((folder) =>
      expectedRows(folder).filter((row) => isExceptionOf(folder, row, one)),
    );
    assert.equal(rows.map(kindOf), [one.kind], text);
    assert.ok(["c2s", "s2c", "both"].includes(one.side ?? ""), `${text}: side ${one.side}`);
    assert.match(one.reason ?? "", /^(?:tcp\.md|RFC \d+), /, text);
  }
});

for (const folder of FOLDERS) {
  const rows = withoutCaptures === undefined ? expectedRows(folder) : [{ file: "(all)" }];
  for (const file of new Set(rows.map((row) => row.file ?? "")))
    testUnless(
      test,
      withoutCaptures,
      `streams of ${folder}/${file} are not those that tools agree on`,
      async () => {
        const found = await streamsOf(`${folder}/${file}`);
        const ofFile = rows.filter((row) => row.file === file);
        assert.equal(complaints(folder, ofFile, found), []);
      },
    );
}

test.run();
