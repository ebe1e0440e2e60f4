// time limit: 400 s
// What units begin with is compiled once: it is used, and it is no more than what
// units include by themselves.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "../support/cli.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";

const templates = fileURLToPath(new URL("../../codegen-templates/", import.meta.url));
const missing = ["gcc", "cmake", "ninja", "pkg-config"].find(
  (tool) => spawnSync(tool, ["--version"]).status !== 0,
);
const reason = missing === undefined ? undefined : `${missing} is not installed`;
let home = "";

test.before(async () => {
  home = makeTempFolder("precompiled");
  if (reason !== undefined) return;
  const made = await runCommand(["init", "first"], home);
  assert.is(made.code, 0, made.err);
  const built = await runCommand(["build", "first/first.mbx"], home);
  assert.is(built.code, 0, built.err);
});

function included(file: string): readonly string[] {
  const text = readFileSync(join(templates, file), "utf8");
  return [...text.matchAll(/^#include "(\w+\/\w+\.h)"/gm)].map(([, name]) => name ?? "");
}

test("precompiled is what a chain's header includes, and how packets are written", () => {
  const ofHandlers = [...included("c/chain.h.hbs"), "packet/write.h"];
  assert.equal([...included("cmake/library/precompiled.h")].sort(), ofHandlers.sort());
});

testUnless(test, reason, "a handler's unit, or its chain's, reads headers of DPDK again", () => {
  const said = spawnSync("ninja", ["-t", "deps"], {
    cwd: join(home, "first/.mbx/first/cmake"),
    encoding: "utf8",
  });
  const readBy = (unit: string): readonly string[] => {
    const section = said.stdout.split("\n\n").find((one) => one.includes(`/${unit}.o:`));
    assert.ok(section !== undefined, `${unit} is not built:\n${said.stdout}`);
    return [...section.matchAll(/\/(rte_mbuf|nf)\.h$/gm)].map(([, name]) => name ?? "");
  };
  for (const unit of ["nf_detect.c", "first.c"]) assert.equal(readBy(unit), [], unit);
});

testUnless(
  test,
  reason,
  "a chain's module does not tell lines of the stack, or what was inlined where",
  () => {
    const module = join(home, "first/.mbx/first/chain.node");
    const ran = (tool: string, ...args: readonly string[]) =>
      spawnSync(tool, args, { encoding: "utf8" }).stdout;
    const [start = 0, size = 0] = (/^(\w+) (\w+) t first_stack$/m.exec(ran("nm", "-S", module)) ?? [])
      .slice(1)
      .map((text) => Number.parseInt(text, 16));
    const inside = [1, 2, 3].map((quarter) => (start + Math.floor((size * quarter) / 4)).toString(16));
    const frames = ran("addr2line", "-f", "-i", "-s", "-e", module, ...inside);
    assert.match(frames, /^monitor_run_tmpl\nmonitor\.h:\d+$/m);
    assert.match(frames, /^first_stack\nfirst\.c:\d+$/m);
  },
);

test.run();
