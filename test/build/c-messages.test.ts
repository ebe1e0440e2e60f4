// What gcc, clang and ld print, read.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseCMessages, parseUndefinedSymbols } from "../../compiler/build/c-messages.ts";
import { definitionsIn } from "../../compiler/build/c-scan.ts";
import { spanAtBytes } from "../../compiler/build/positions.ts";

const GCC = `[1/2] Building C object CMakeFiles/chain.dir/gen/nf_h.c.o
FAILED: CMakeFiles/chain.dir/gen/nf_h.c.o
In file included from ../gen/nf_h.c:1:
../gen/../../../h.c: In function 'h_on_a':
../gen/../../../h.c:4:22: error: 'const struct a' has no member named 'nothing'
    4 |         int unused = m->nothing;
      |                      ^~
../gen/../../../h.c:4:47: warning: 'return' with a value, in function returning void [-Wreturn-type]
../gen/../../../h.c:2:6: note: declared here
cc1: some warnings being treated as errors
`;

test("gcc's errors and warnings come with place and notes", () => {
  const [error, warning, ...others] = parseCMessages(GCC);
  assert.is(others.length, 0);
  assert.equal(error, {
    severity: "error",
    file: "../gen/../../../h.c",
    line: 4,
    column: 22,
    text: "`const struct a` has no member named `nothing`",
    notes: [],
  });
  assert.is(warning?.severity, "warning");
  assert.is(warning?.text, "`return` with a value, in function returning void");
  assert.equal(warning?.notes, [{ file: "../gen/../../../h.c", line: 2, column: 6, text: "declared here" }]);
});

test("a header's error that two units include comes once", () => {
  const line = "h.h:1:1: error: unknown type name 'x'\nh.h:2:2: note: here\n";
  const found = parseCMessages(line + line);
  assert.is(found.length, 1);
  assert.is(found[0]?.notes.length, 1);
});

test("a missing header is an error without recovery", () => {
  const [found] = parseCMessages("h.c:1:10: fatal error: nope.h: No such file or directory");
  assert.is(found?.severity, "error");
  assert.is(found?.text, "nope.h: No such file or directory");
});

test("undefined symbols come once, with the line that refers to them", () => {
  const output = `/usr/bin/ld: x.o: in function \`h_run':
/p/.mbx/t/cmake/../gen/nf_h.c:3: undefined reference to \`h_on_b'
/usr/bin/ld: /p/.mbx/t/cmake/../gen/nf_h.c:5: undefined reference to \`h_on_b'
/usr/bin/ld: x.o:(.text+0x11): undefined reference to \`helper'
collect2: error: ld returned 1 exit status`;
  assert.equal(parseUndefinedSymbols(output), [
    { symbol: "h_on_b", file: "/p/.mbx/t/cmake/../gen/nf_h.c", line: 3 },
    { symbol: "helper", file: "x.o" },
  ]);
});

const SCANNED = `#include "h.gen.h"
/* void h_on_commented(void) { } */
void h_on_declared(struct h_ctx *ctx, const struct a *m);
static void h_on_helper(void) { }
void h_on_sql(struct h_ctx *ctx,
	      const struct a *m)
{
	puts("h_on_text() {");
	h_on_called(ctx, m);
}
#define X void h_on_macro(void) {
void h_on_last(struct h_ctx *ctx, const struct a *m) { }
`;

test("definitions are seen, and nothing that only looks like one", () => {
  assert.equal(
    definitionsIn(SCANNED, "h_on_").map((one) => one.name),
    ["h_on_sql", "h_on_last"],
  );
});

test("the place of a definition is its name", () => {
  for (const { name, at } of definitionsIn(SCANNED, "h_on_"))
    assert.is(SCANNED.slice(at, at + name.length), name);
});

/** The text below the underline. */
function underlined(text: string, line: number, column: number): string {
  const span = spanAtBytes("f", text, line, column);
  return text.slice(span.start, span.end);
}

test("columns of bytes become columns of letters", () => {
  assert.is(underlined("int a;\nint über = höhe;\n", 2, 13), "höhe");
  assert.is(underlined('/* é */ x = "ü" + name;\n', 1, 21), "name");
});

test("a member access is underlined with its name", () => {
  assert.is(underlined("\treturn m->missing;", 1, 10), "->missing");
});

test("a place beyond the text stays in bounds", () => {
  const text = "one\ntwo";
  for (const [line, column] of [
    [9, 9],
    [2, 99],
    [0, 0],
    [1, 4],
  ] as const) {
    const span = spanAtBytes("f", text, line, column);
    assert.ok(0 <= span.start && span.start <= span.end && span.end <= text.length, `${line}:${column}`);
  }
});

test("without a column the line's text is underlined, not its indent", () => {
  assert.is(underlined("a\n\t  b c  \n", 2, 0), "b c");
});

test.run();
