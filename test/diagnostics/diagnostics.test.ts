/**
 * Each `.mbx` file beside this one says in comments what the compiler must
 * report (`// expect: MBX1003 4:12`), and the `.txt` beside it how that reads.
 * `MBX_BLESS=1` writes the latter; what is expected is written by hand.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderPretty } from "../../compiler/diagnostics/render/pretty.ts";
import { sourceLookup } from "../../compiler/diagnostics/render/sources.ts";
import { createProgram } from "../../compiler/program.ts";
import { createSource } from "../../compiler/syntax/source.ts";

const folder = new URL("./", import.meta.url);
const bless = process.env.MBX_BLESS === "1";

const read = (path: string): string | undefined => {
  const file = new URL(path, folder);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
};

if (bless && process.env.CI !== undefined) {
  test("nothing is blessed in CI", () => assert.unreachable("MBX_BLESS is for people, unset it"));
}

for (const name of readdirSync(folder).filter((file) => file.endsWith(".mbx"))) {
  const text = read(name) ?? "";
  const host = {
    readFile: read,
    fileExists: (path: string) => existsSync(new URL(path, folder)),
    filesIn: (path: string) => readdirSync(new URL(path, folder)),
  };
  const program = createProgram(host, [name]);
  const diagnostics = program.check();

  test(`${name} gets what it expects, where it expects it`, () => {
    const expected = [...text.matchAll(/\/\/ expect: (MBX\d{4} .*?)\s*$/gm)].map((match) => match[1]);
    const found = diagnostics.map(({ code, primary: { span } }) => {
      const source = createSource(span.file, program.sourceText(span.file) ?? "");
      const { line, column } = source.positionAt(span.start);
      return span.file === name ? `${code} ${line}:${column}` : `${code} ${span.file}:${line}:${column}`;
    });
    assert.equal(found.sort(), expected.sort());
  });

  test(`${name} reads as in its text`, () => {
    const texts = new Map<string, string>();
    for (const { primary, secondary, help } of diagnostics) {
      for (const { file } of [
        primary.span,
        ...secondary.map((label) => label.span),
        help?.fix?.span ?? primary.span,
      ]) {
        texts.set(file, program.sourceText(file) ?? "");
      }
    }
    const shown = renderPretty(diagnostics, sourceLookup(texts), { colour: false });
    const path = name.replace(/\.mbx$/, ".txt");
    if (bless && process.env.CI === undefined && shown !== (read(path) ?? "")) {
      writeFileSync(new URL(path, folder), shown);
    }
    assert.fixture(shown, read(path) ?? "");
  });
}

test.run();
