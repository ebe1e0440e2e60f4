// time limit: 240 s
/** The examples of `mbx explain` that only a look at the handlers can tell. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { explanationOf } from "../../compiler/diagnostics/registry.ts";
import { mbx } from "../support/mbx.ts";
import { makeTempFolder } from "../support/temp.ts";

const test = suite("explain-handlers");

/** Handlers are looked at where a chain uses them; the examples show the function alone. */
const CHAIN = "stack all = monitor { }\nchain seen { stack all ports tap path watch }\n";

/** Codes that `mbx check` reports for a chain with these handlers beside it. */
async function codesOf(source: string, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = makeTempFolder("explain");
  writeFileSync(join(folder, "example.mbx"), `${source}\n${CHAIN}`);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const ran = await mbx(["check", "example.mbx", "--format=short"], { cwd: folder, limit: 100_000 });
  return [...ran.stderr.matchAll(/\[(MBX\d{4})\]/g)].map((match) => match[1] ?? "");
}

for (const code of ["MBX6002", "MBX6003", "MBX6004", "MBX6005", "MBX6012"] as const)
  test(`example of ${code} fails with it, and its repair is clean`, async () => {
    const { failing, repair, files, repairFiles } = explanationOf(code);
    const failed = await codesOf(failing, files ?? {});
    assert.ok(failed.includes(code), `${code} was expected, and ${failed.join(", ") || "nothing"} reported`);
    assert.equal(await codesOf(repair, { ...files, ...repairFiles }), []);
  });

test.run();
