// time limit: 120 s
// `mbx check` looks into handlers, builds nothing and leaves nothing behind.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "../support/cli.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";

const CHAIN = `nf watch { subscribe FLOW_END handler "watch.c" }
nf count { subscribe FLOW_END handler "count.ts" }
stack web = monitor { match tcp.port == 80 }
chain t { stack web ports client <-> server path watch -> count }
`;
const C = `#include "watch.gen.h"

void watch_on_flow_end(struct watch_ctx *ctx, const struct flow_end *m)
{
	(void)ctx;
	(void)m;
}
`;
const TS = `import { count } from "./count.gen.js";

export default count({
  flow_end(_ctx, m) {
    console.log(m.reason);
  },
});
`;

const home = makeTempFolder("check");
const absent = ["gcc", "nm", "pkg-config"].find((tool) => spawnSync(tool, ["--version"]).status !== 0);
const noCompiler = absent === undefined ? undefined : `${absent} is not installed`;

async function check(c: string, ts: string, ...flags: string[]) {
  writeFileSync(join(home, "t.mbx"), CHAIN);
  writeFileSync(join(home, "watch.c"), c);
  writeFileSync(join(home, "count.ts"), ts);
  const ran = await runCommand(["check", "t.mbx", "--format=short", ...flags], home);
  return { code: ran.code, lines: ran.err.trim().split("\n") };
}

testUnless(test, noCompiler, "handlers that are right are no problem, and nothing is written", async () => {
  const ran = await check(C, TS);
  assert.equal(ran, { code: 0, lines: ["checked 1 file: no problems"] });
  assert.equal(readdirSync(home).sort(), ["count.ts", "t.mbx", "watch.c"]);
});

testUnless(test, noCompiler, "a wrong type in TypeScript is an error of check", async () => {
  const ran = await check(C, TS.replace("m.reason", "m.raeson"));
  assert.is(ran.code, 1);
  assert.match(ran.lines[0] ?? "", /^count\.ts:5:19: error\[MBX6004\]: .*`raeson`/);
});

testUnless(test, noCompiler, "a handler without a default export is an error of check", async () => {
  const ran = await check(C, TS.replace("export default", "export const mine ="));
  assert.is(ran.code, 1);
  assert.match(
    ran.lines[0] ?? "",
    /^t\.mbx:2:\d+: error\[MBX6004\]: `count\.ts` does not export default `count\(\{ … \}\)`$/,
  );
});

testUnless(test, noCompiler, "a brace that is never closed is the handler's error, at its end", async () => {
  const ran = await check(C.replace(/\}\n$/, ""), TS);
  assert.is(ran.code, 1);
  assert.match(ran.lines[0] ?? "", /^watch\.c:6:\d+: error\[MBX6005\]: expected /);
});

testUnless(test, noCompiler, "a callback in C that is missing is an error of check", async () => {
  const ran = await check('#include "watch.gen.h"\n', TS);
  assert.is(ran.code, 1);
  assert.equal(ran.lines, [
    "t.mbx:1:22: error[MBX6002]: `watch.c` lacks the callback `watch_on_flow_end` of `watch`",
  ]);
});

testUnless(test, noCompiler, "a callback that a macro defines is not missing", async () => {
  const macro = "#define ON(name) void watch_on_##name(struct watch_ctx *ctx, const struct name *m)\n";
  const ran = await check(C.replace(/void watch_on_flow_end\(.*\)/, `${macro}ON(flow_end)`), TS);
  assert.equal(ran, { code: 0, lines: ["checked 1 file: no problems"] });
});

testUnless(test, noCompiler, "a header of an earlier build beside the handler is not believed", async () => {
  writeFileSync(join(home, "watch.gen.h"), "#pragma once\nstruct flow_end { int old; };\n");
  const ran = await check(C.replace("(void)m;", "(void)m->reason;"), TS);
  rmSync(join(home, "watch.gen.h"));
  assert.equal(ran, { code: 0, lines: ["checked 1 file: no problems"] });
});

test("with --no-handlers, handlers are not looked at", async () => {
  const ran = await check("not C\n", "not TypeScript\n", "--no-handlers");
  assert.equal(ran, { code: 0, lines: ["checked 1 file: no problems"] });
});

test("where the C compiler is missing, the rest is checked and that is said", async () => {
  const path = process.env.PATH;
  process.env.PATH = "/nonexistent";
  try {
    const ran = await check(C, TS);
    assert.is(ran.code, 0);
    assert.match(ran.lines[0] ?? "", /^handlers in C are not checked: .* is not installed/);
  } finally {
    process.env.PATH = path;
  }
});

test.run();
