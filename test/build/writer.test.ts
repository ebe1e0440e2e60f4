// Emitted files on disk.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Fault } from "../../compiler/build/fault.ts";
import { writeEmitted } from "../../compiler/build/writer.ts";
import type { EmittedFile } from "../../compiler/emit/files.ts";
import { makeTempFolder } from "../support/temp.ts";

function emitted(home: string, gen: Readonly<Record<string, string>>): readonly EmittedFile[] {
  return [
    ...Object.entries(gen).map(([name, text]) => ({ kind: "build", path: `gen/${name}`, text }) as const),
    { kind: "beside", path: join(home, "nf.gen.h"), text: "/* header */\n" },
    { kind: "stub", path: join(home, "nf.c"), text: "/* stub */\n" },
  ];
}

test("the first time, everything is written and the stub named", () => {
  const home = makeTempFolder("writer");
  const folder = join(home, ".mbx/t");
  const written = writeEmitted(emitted(home, { "a.c": "a", "b.c": "b" }), folder);
  assert.equal(written.stubs, [join(home, "nf.c")]);
  assert.is(written.changed.length, 3);
  assert.is(readFileSync(join(folder, "gen/a.c"), "utf8"), "a");
});

test("what did not change keeps its time, so that nothing is compiled again", () => {
  const home = makeTempFolder("writer");
  const folder = join(home, ".mbx/t");
  writeEmitted(emitted(home, { "a.c": "a", "b.c": "b" }), folder);
  const old = new Date(1_000_000_000_000);
  utimesSync(join(folder, "gen/a.c"), old, old);
  const written = writeEmitted(emitted(home, { "a.c": "a", "b.c": "B" }), folder);
  assert.equal(written.changed, [join(folder, "gen/b.c")]);
  assert.is(statSync(join(folder, "gen/a.c")).mtimeMs, old.getTime());
});

test("a handler that exists is never touched", () => {
  const home = makeTempFolder("writer");
  writeFileSync(join(home, "nf.c"), "mine");
  const written = writeEmitted(emitted(home, {}), join(home, ".mbx/t"));
  assert.equal(written.stubs, []);
  assert.is(readFileSync(join(home, "nf.c"), "utf8"), "mine");
});

test("a generated file that nothing emits any more goes, and nothing else", () => {
  const home = makeTempFolder("writer");
  const folder = join(home, ".mbx/t");
  writeEmitted(emitted(home, { "a.c": "a", "b.c": "b" }), folder);
  writeFileSync(join(folder, "chain.node"), "built");
  const written = writeEmitted(emitted(home, { "a.c": "a" }), folder);
  assert.equal(written.removed, [join(folder, "gen/b.c")]);
  assert.ok(existsSync(join(folder, "chain.node")));
});

test("no temporary file stays behind", () => {
  const home = makeTempFolder("writer");
  const folder = join(home, ".mbx/t");
  writeEmitted(emitted(home, { "a.c": "a" }), folder);
  assert.equal(readdirSync(join(folder, "gen")), ["a.c"]);
});

test("a place that cannot be written to is a fault with a sentence", () => {
  const home = makeTempFolder("writer");
  mkdirSync(join(home, ".mbx"));
  writeFileSync(join(home, ".mbx/t"), "a file where a folder has to be");
  try {
    writeEmitted(emitted(home, { "a.c": "a" }), join(home, ".mbx/t"));
    assert.unreachable("nothing was thrown");
  } catch (error) {
    assert.instance(error, Fault);
    assert.match(error instanceof Fault ? error.code : "", "MBX8022");
  }
});

test.run();
