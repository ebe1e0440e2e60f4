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

function included(file: string): readonly string[] {
  const text = readFileSync(join(templates, file), "utf8");
  return [...text.matchAll(/^#include "(\w+\/\w+\.h)"/gm)].map(([, name]) => name ?? "");
}

test("precompiled is what a chain's header includes, and how packets are written", () => {
  const ofHandlers = [...included("c/chain.h.hbs"), "packet/write.h"];
  assert.equal([...included("cmake/library/precompiled.h")].sort(), ofHandlers.sort());
});

testUnless(test, reason, "a handler's unit reads no header of DPDK, its chain's unit does", async () => {
  const home = makeTempFolder("precompiled");
  const made = await runCommand(["init", "first"], home);
  assert.is(made.code, 0, made.err);
  const built = await runCommand(["build", "first/first.mbx"], home);
  assert.is(built.code, 0, built.err);
  const said = spawnSync("ninja", ["-t", "deps"], {
    cwd: join(home, "first/.mbx/first/cmake"),
    encoding: "utf8",
  });
  const readBy = (unit: string): readonly string[] => {
    const section = said.stdout.split("\n\n").find((one) => one.includes(`/${unit}.o:`));
    assert.ok(section !== undefined, `${unit} is not built:\n${said.stdout}`);
    return [...section.matchAll(/\/(rte_mbuf|nf)\.h$/gm)].map(([, name]) => name ?? "");
  };
  assert.equal(readBy("nf_detect.c"), []);
  assert.ok(readBy("first.c").includes("rte_mbuf"));
});

test.run();
