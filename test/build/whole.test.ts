// time limit: 400 s
// A build from a file to a program, in a folder outside the clone, and what is
// said when handlers are wrong: the text beside this file, blessed with MBX_BLESS=1.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "../support/cli.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";

const GOLDEN = join(dirname(fileURLToPath(import.meta.url)), "golden");
const home = makeTempFolder("whole");
const folder = join(home, "first");
const inFolder = (name: string) => readFileSync(join(folder, name), "utf8");
const missing = ["gcc", "cmake", "ninja", "pkg-config"].find(
  (tool) => spawnSync(tool, ["--version"]).status !== 0,
);
const reason = missing === undefined ? undefined : `${missing} is not installed`;

let original: Readonly<Record<string, string>> = {};

test.before(async () => {
  const ran = await runCommand(["init", "first"], home);
  assert.is(ran.code, 0, ran.err);
  original = Object.fromEntries(["first.mbx", "detect.c", "report.ts"].map((name) => [name, inFolder(name)]));
});

test.before.each(() => {
  for (const [name, text] of Object.entries(original)) writeFileSync(join(folder, name), text);
});

/** Replaces a piece of a file; the piece has to be there. */
function change(name: string, from: string, to: string): void {
  const text = inFolder(name);
  assert.ok(text.includes(from), `${name} has no ${from}`);
  writeFileSync(join(folder, name), text.replace(from, to));
}

/** Seconds and the note on a first build differ from run to run. */
function stable(text: string): string {
  return text.replace(/ in [\d.]+ s$/gm, " in N s").replace(/^compiling the dataplane.*\n/gm, "");
}

function compareGolden(name: string, text: string): void {
  const file = join(GOLDEN, name);
  if (process.env.MBX_BLESS === "1" && process.env.CI === undefined) writeFileSync(file, text);
  assert.is(text, readFileSync(file, "utf8"));
}

testUnless(test, reason, "a new chain builds, and says how to run it", async () => {
  const ran = await runCommand(["build", "first.mbx"], folder);
  assert.equal([ran.code, ran.out], [0, ""], ran.err);
  compareGolden("built.txt", stable(ran.err));
  for (const file of ["chain.node", "main.mjs", "worker.mjs", "nf-report.mjs", "manifest.json"]) {
    assert.ok(existsSync(join(folder, ".mbx/first", file)), file);
  }
});

testUnless(test, reason, "nothing is written or compiled where nothing changed", async () => {
  await runCommand(["build", "first.mbx"], folder);
  const built = ["chain.node", "main.mjs", "gen/first.c"].map((name) => join(folder, ".mbx/first", name));
  const before = built.map((file) => statSync(file).mtimeMs);
  assert.is((await runCommand(["build", "first.mbx"], folder)).code, 0);
  assert.equal(
    built.map((file) => statSync(file).mtimeMs),
    before,
  );
});

testUnless(test, reason, "the object does what was planned, and no more", async () => {
  await runCommand(["build", "first.mbx"], folder);
  const ran = await runCommand(["explain-plan", "first.mbx", "--object", "--json"], folder);
  assert.is(ran.code, 0, ran.err);
  const { object } = JSON.parse(ran.out);
  assert.equal([object.missing, object.extra], [[], []]);
  assert.ok(object.object.includes("data_client") && !object.object.includes("data_server"));
});

testUnless(test, reason, "handlers that are missing are written as stubs that build", async () => {
  rmSync(join(folder, "detect.c"));
  rmSync(join(folder, "report.ts"));
  const ran = await runCommand(["build", "first.mbx"], folder);
  assert.is(ran.code, 0, ran.err);
  compareGolden("stubs.txt", stable(ran.err));
});

testUnless(test, reason, "mistakes in both handlers are shown in one run, at their lines", async () => {
  change("detect.c", "m->len >= 4", "m->lenn >= 4");
  change("detect.c", "detect_publish_request(", "detect_publish_reqest(");
  change("report.ts", "m.reason", "m.raeson");
  change("report.ts", "request(_ctx, m)", "requestt(_ctx, m)");
  const ran = await runCommand(["build", "first.mbx"], folder);
  assert.is(ran.code, 1);
  compareGolden("mistakes.txt", stable(ran.err));
});

testUnless(test, reason, "callbacks that are missing are shown where they are subscribed", async () => {
  writeFileSync(join(folder, "detect.c"), '#include "detect.gen.h"\n');
  change("report.ts", original["report.ts"]?.match(/ {2}flow_end[\s\S]*? {2}\},\n/)?.[0] ?? "none", "");
  const ran = await runCommand(["build", "first.mbx"], folder);
  assert.is(ran.code, 1);
  compareGolden("missing.txt", stable(ran.err));
});

testUnless(test, reason, "a mistyped callback is one mistake, with its repair", async () => {
  change("detect.c", "detect_on_data_tcp", "detect_on_data_tpc");
  const ran = await runCommand(["build", "first.mbx"], folder);
  assert.is(ran.code, 1);
  compareGolden("mistyped.txt", stable(ran.err));
});

testUnless(test, reason, "a brace that is never closed is the handler's error, not ours", async () => {
  writeFileSync(join(folder, "detect.c"), (original["detect.c"] ?? "").replace(/\}\s*$/, ""));
  const ran = await runCommand(["build", "first.mbx"], folder);
  assert.is(ran.code, 1);
  assert.match(ran.err, /^error\[MBX6005\]: expected .*\n +--> detect\.c:/);
  assert.not.match(ran.err, "MBX9002");
});

testUnless(test, reason, "a warning of a handler is shown in each build until it is repaired", async () => {
  change("detect.c", "{\n", "{\n\tint unused;\n\n");
  for (let time = 0; time < 2; time++) {
    const ran = await runCommand(["build", "first.mbx"], folder);
    assert.is(ran.code, 0);
    assert.match(ran.err, /^warning\[MBX6005\]: unused variable `unused`\n +--> detect\.c:8:6/m);
  }
});

testUnless(test, reason, "a build folder of one's own is used", async () => {
  const ran = await runCommand(["build", "first.mbx", "-o", "out"], folder);
  assert.is(ran.code, 0, ran.err);
  assert.ok(existsSync(join(folder, "out/chain.node")));
  assert.match(ran.err, "mbx run first.mbx --output out --capture IN.pcap");
});

testUnless(test, reason, "no generated text names the folder it was made in", async () => {
  await runCommand(["build", "first.mbx"], folder);
  const gen = ["first.c", "first.h", "nf_detect.c", "nf-report.entry.ts"].map(
    (name) => `.mbx/first/gen/${name}`,
  );
  for (const name of [
    ...gen,
    ".mbx/first/CMakeLists.txt",
    ".mbx/first/manifest.json",
    "detect.gen.h",
    "report.gen.ts",
  ]) {
    assert.not.ok(inFolder(name).includes(home), name);
  }
});

test.run();
