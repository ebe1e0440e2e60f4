import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { codes, severityOf } from "../../compiler/diagnostics/registry.ts";
import { isRunCode, runCodes } from "../../runtime/control/errors.ts";

const runtimeCodes: readonly string[] = Object.values(runCodes);

test("dataplane and control name a code alike", () => {
  const header = readFileSync(new URL("../../runtime/dataplane/fault.h", import.meta.url), "utf8");
  const theirs = [...header.matchAll(/#define FAULT_([A-Z_]+)\s+"(MBX\d+)"/g)].map(([, name = "", code]) => [
    name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    code,
  ]);
  assert.ok(theirs.length > 0);
  const ours = new Map<string, string>(Object.entries(runCodes));
  for (const [name = "", code] of theirs) assert.is(ours.get(name), code, name);
});

test("every code of a program is explained", () => {
  assert.equal(
    runtimeCodes.filter((code) => !codes.some((known) => known === code)),
    [],
  );
  assert.is(new Set(runtimeCodes).size, runtimeCodes.length, "no code stands for two things");
  assert.is(severityOf("MBX7103"), "warning");
});

test("code of the scripts of a clone are explained", () => {
  const scripts = ["tools/setup.sh", "bin/mbx.mjs"].map((file) =>
    readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"),
  );
  for (const [code] of scripts.join("").matchAll(/MBX79\d\d/g)) {
    assert.ok(
      codes.some((known) => known === code),
      code,
    );
  }
});

test("only codes are codes", () => {
  assert.is(isRunCode("MBX7001"), true);
  assert.is(isRunCode("EACCES"), false);
  assert.is(isRunCode(undefined), false);
});

test.run();
