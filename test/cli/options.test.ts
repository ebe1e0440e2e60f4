// A command line, read by a command's table.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Fault } from "../../compiler/build/fault.ts";
import type { CommandSpec } from "../../compiler/cli/command.ts";
import { parseCommandLine } from "../../compiler/cli/options.ts";

const SPEC: CommandSpec = {
  name: "demo",
  summary: "",
  description: [],
  operand: { name: "FILE", count: "one", noun: "a file" },
  flags: [
    { name: "capture", value: "IN.pcap", help: "" },
    { name: "burst", value: "N", range: [1, 256], help: "" },
    { name: "speed", value: "SPEED", choices: ["max", "recorded"], help: "" },
    { name: "port", value: "NAME=DEVICE", repeats: true, help: "" },
    { name: "output", short: "o", value: "DIR", help: "" },
    { name: "json", help: "" },
  ],
  examples: [{ line: "mbx demo x", says: "" }],
};

/** The fault of a command line: its code, sentence and help. */
function faultOf(...argv: readonly string[]): string {
  try {
    parseCommandLine(SPEC, argv);
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}; ${error.help.join("; ")}`;
    throw error;
  }
  throw new Error(`accepted: ${argv.join(" ")}`);
}

test("values come with =, after a blank, and with one letter", () => {
  const args = parseCommandLine(SPEC, ["f", "--capture=a=b", "--burst", "32", "-o", "dir", "--json"]);
  assert.equal(args.operands, ["f"]);
  assert.equal(
    [args.text("capture"), args.number("burst"), args.text("output"), args.has("json"), args.has("port")],
    ["a=b", 32, "dir", true, false],
  );
});

test("a flag that repeats keeps all values in order", () => {
  assert.equal(parseCommandLine(SPEC, ["f", "--port", "a=1", "--port=b=2"]).texts("port"), ["a=1", "b=2"]);
});

test("what follows -- is no flag", () => {
  assert.equal(parseCommandLine(SPEC, ["--", "--json"]).operands, ["--json"]);
});

test("help needs no operand", () => {
  assert.ok(parseCommandLine(SPEC, ["--help"]).has("help"));
  assert.ok(parseCommandLine(SPEC, ["-h"]).has("help"));
});

for (const [what, argv, expected] of [
  ["a misspelt flag", ["f", "--captrue", "x"], /^MBX8002: .*`--captrue`; .*`--capture`/],
  ["a flag like no other", ["f", "--zzz"], /^MBX8002: .*`mbx demo --help`/],
  ["a letter that is no flag", ["f", "-x"], /^MBX8002: .*`-x`/],
  ["a missing value at the end", ["f", "--capture"], /^MBX8003: `--capture`/],
  ["a missing value before a flag", ["f", "--capture", "--json"], /^MBX8003: `--capture`/],
  ["an empty value", ["f", "--capture="], /^MBX8003: `--capture`/],
  ["a value for a switch", ["f", "--json=1"], /^MBX8004: `--json`/],
  ["a choice that there is not", ["f", "--speed=recoded"], /^MBX8005: .*max, recorded; `--speed recorded`/],
  ["a number out of range", ["f", "--burst", "0"], /^MBX8005: .*1 to 256/],
  ["a number that is none", ["f", "--burst", "1e2"], /^MBX8005/],
  ["two of one kind", ["f", "--capture", "a", "--capture", "b"], /^MBX8006: `--capture`/],
  ["nothing to work on", [], /^MBX8007: .*a file; `mbx demo x`/],
  ["one operand too many", ["f", "g"], /^MBX8008: .*`g`/],
] as const) {
  test(`${what} is refused`, () => assert.match(faultOf(...argv), expected));
}

test.run();
