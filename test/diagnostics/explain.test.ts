/** What `mbx explain` shows is true: each failing example gets its code, each repair does not. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Code, codes, explanationOf } from "../../compiler/diagnostics/registry.ts";
import { createProgram } from "../../compiler/program.ts";

const ROOT = "example.mbx";
/** Said by the C compiler, by tsc or by pkg-config about a handler: test/build/explain-handlers.test.ts sees to these. */
const builtOnly: ReadonlySet<string> = new Set(["MBX6002", "MBX6003", "MBX6004", "MBX6005", "MBX6012"]);

function codesOf(source: string, files: Readonly<Record<string, string>>): readonly string[] {
  const texts: Readonly<Record<string, string>> = { ...files, [ROOT]: source };
  const host = {
    readFile: (path: string) => (Object.hasOwn(texts, path) ? texts[path] : undefined),
    fileExists: (path: string) => Object.hasOwn(texts, path),
    isUnreadable: (path: string) => Object.keys(texts).some((file) => file.startsWith(`${path}/`)),
  };
  return createProgram(host, [ROOT])
    .check()
    .map((diagnostic) => diagnostic.code);
}

function isProgram(code: Code): boolean {
  return /^MBX[1-6]/.test(code) && !builtOnly.has(code);
}

for (const code of codes.filter(isProgram)) {
  const { failing, repair, files = {}, repairFiles = files } = explanationOf(code);

  test(`the failing example of ${code} gets it`, () => {
    const found = codesOf(failing, files);
    assert.ok(found.includes(code), `it gets ${found.join(", ") || "nothing"}`);
  });

  test(`the repair of ${code} does not get it`, () => {
    const found = codesOf(repair, repairFiles);
    assert.not(found.includes(code));
  });
}

for (const code of codes) {
  test(`${code} has a cause that ends its sentences`, () => {
    assert.match(explanationOf(code).cause, /[.:`]$/);
  });
}

test.run();
