/** The program of docs/handlers.md is built and prints what the page says. */
// time limit: 300 s
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mbx } from "../support/mbx.ts";
import { makeTempFolder } from "../support/temp.ts";
import { codeBlocks, readPage } from "./support.ts";

const blocks = codeBlocks(readPage("docs/handlers.md"));
const CAPTURE = "samples/ids/captures/office.pcap";

function writeProgram(folder: string): void {
  for (const { label, text } of blocks) {
    const name = /^file=(\S+)$/.exec(label)?.[1];
    if (name !== undefined) writeFileSync(join(folder, name), text);
  }
}

test("the program of docs/handlers.md prints what the page says", async () => {
  const folder = makeTempFolder("docs");
  writeProgram(folder);
  const { code, stdout, stderr } = await mbx(["run", join(folder, "read-only.mbx"), "--capture", CAPTURE], {
    limit: 280_000,
  });
  assert.is(code, 0, stderr);
  assert.is(stdout, blocks.find(({ label }) => label === "output")?.text);
});

test.run();
