// Help, at any width.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { CommandSpec } from "../../compiler/cli/command.ts";
import { commandHelp, programHelp } from "../../compiler/cli/help.ts";
import { coloured, type Stream, usableWidth } from "../../compiler/cli/output.ts";

const stream = (width: number, colour = false): Stream => ({
  write: () => {},
  colour,
  terminal: false,
  width,
});

const SPEC: CommandSpec = {
  name: "demo",
  summary: "Show that a summary of some length is wrapped where the terminal is narrow",
  description: ["A paragraph that is long enough to need more than one line at forty columns."],
  operand: { name: "FILE", count: "many", noun: "files" },
  flags: [
    {
      name: "set",
      value: "STACK.OPTION=VALUE",
      repeats: true,
      help: "A flag whose name alone is wider than half of a narrow terminal",
    },
  ],
  examples: [{ line: "mbx demo one two", says: "Two files:" }],
};

for (const width of [40, 60, 80, 100]) {
  test(`no line is wider than ${width} columns`, () => {
    for (const text of [programHelp([SPEC], stream(width)), commandHelp(SPEC, stream(width))]) {
      const widest = Math.max(
        ...text
          .split("\n")
          .filter((line) => !line.trimStart().startsWith("mbx "))
          .map((line) => line.length),
      );
      assert.ok(widest <= width, `${widest} columns:\n${text}`);
    }
  });
}

test("a command's help has usage, flags and an example", () => {
  const text = commandHelp(SPEC, stream(80));
  assert.match(text, "mbx demo FILE... [FLAGS]");
  assert.match(text, /--set STACK\.OPTION=VALUE .*\(repeatable\)/s);
  assert.match(text, /^Example:\n {2}Two files:\n {4}mbx demo one two$/m);
});

test("colour is only where it is asked for", () => {
  assert.not.ok(commandHelp(SPEC, stream(80)).includes("\u001b"));
  assert.ok(commandHelp(SPEC, stream(80, true)).includes("\u001b"));
});

test("NO_COLOR and FORCE_COLOR decide, then the terminal", () => {
  assert.equal(
    [
      coloured({}, true),
      coloured({}, false),
      coloured({ NO_COLOR: "1" }, true),
      coloured({ NO_COLOR: "" }, true),
      coloured({ FORCE_COLOR: "1" }, false),
      coloured({ FORCE_COLOR: "0" }, true),
      coloured({ NO_COLOR: "1", FORCE_COLOR: "1" }, true),
      coloured({ TERM: "dumb" }, true),
    ],
    [true, false, false, true, true, false, false, false],
  );
});

test("the width stays readable", () => {
  assert.equal(
    [
      usableWidth({}, undefined),
      usableWidth({}, 10),
      usableWidth({}, 500),
      usableWidth({ COLUMNS: "72" }, undefined),
    ],
    [80, 40, 100, 72],
  );
});

test.run();
