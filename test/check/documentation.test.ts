/** The programs of the language reference are right. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { codesOf } from "./sources.ts";

const page = readFileSync(new URL("../../docs/language/reference.md", import.meta.url), "utf8");
const programs = [...page.matchAll(/```mbx\n(.*?)```/gs)].map((match) => match[1] ?? "");

test("the reference has programs", () => assert.ok(programs.length > 0));

for (const [index, program] of programs.entries()) {
  test(`program ${index + 1} of the reference has no problems`, () => assert.equal(codesOf(program), []));
}

test.run();
