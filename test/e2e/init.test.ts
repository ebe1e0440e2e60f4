// time limit: 300 s
// `mbx init` writes a chain that works as it stands.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CAPTURE, readExpected } from "../support/expected.ts";
import { mbx, ROOT, readSummary } from "../support/mbx.ts";
import { makeTempFolder } from "../support/temp.ts";

const LIMIT = { limit: 200_000 };
const folder = join(makeTempFolder("init"), "first");
const capture = join(ROOT, CAPTURE);

/** The chain that init wrote; it is named after its folder or not, there is one. */
function chainFile(): string {
  const files = readdirSync(folder).filter((name) => name.endsWith(".mbx") && name !== ".mbx");
  assert.is(files.length, 1, `init wrote ${files.join(", ") || "no .mbx file"}`);
  return files[0] ?? "";
}

test("init writes a chain with its handlers", async () => {
  const ran = await mbx(["init", folder]);
  assert.is(ran.code, 0, ran.stderr);
  const source = readFileSync(join(folder, chainFile()), "utf8");
  const handlers = [...source.matchAll(/handler\s+"([^"]+)"/g)].map(([, file = ""]) => file);
  assert.ok(handlers.length > 0, "the chain has no handler");
  for (const handler of handlers) assert.ok(existsSync(join(folder, handler)), `${handler} was not written`);
});

test("what init wrote passes its check", async () => {
  const ran = await mbx(["check", chainFile()], { cwd: folder });
  assert.is(ran.code, 0, ran.stderr);
  assert.not.match(ran.stderr, /warning/);
});

test("what init wrote builds", async () => {
  const ran = await mbx(["build", chainFile()], { cwd: folder, ...LIMIT });
  assert.is(ran.code, 0, ran.stderr);
});

test("what init wrote runs over a capture", async () => {
  const ran = await mbx(["run", chainFile(), "--capture", capture, "--json"], { cwd: folder, ...LIMIT });
  assert.is(ran.code, 0, ran.stderr);
  const { packets } = readSummary(ran);
  assert.is(packets.in, readExpected().packets);
});

test("init overwrites nothing", async () => {
  const before = readFileSync(join(folder, chainFile()), "utf8");
  const ran = await mbx(["init", folder]);
  assert.is.not(ran.code, 0);
  assert.match(ran.stderr, /^error\[MBX\d{4}\]/m);
  assert.is(readFileSync(join(folder, chainFile()), "utf8"), before);
});

test.run();
