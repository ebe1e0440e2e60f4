/** The reader of `.mbx` files over inputs that nobody writes: it never throws, never hangs, never points outside. */
import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { renderPretty } from "../../compiler/diagnostics/render/pretty.ts";
import { sourceLookup } from "../../compiler/diagnostics/render/sources.ts";
import type { SourceFile } from "../../compiler/syntax/ast.ts";
import { type ParseResult, parseFile } from "../../compiler/syntax/parse.ts";
import { printFile } from "../../compiler/syntax/printer.ts";

const folders = ["../data/syntax/", "../../samples/"].map((path) => new URL(path, import.meta.url));
const samples = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    // `.mbx` alone is the folder of what was built.
    .filter((name) => /\w\.mbx$/.test(name) && !name.split("/").includes(".mbx"))
    .sort()
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") })),
);

/** Pieces that together look like a program now and then. */
const pieces = [
  ...["event", "extends", "nf", "chain", "stack", "const", "enum", "import", "subscribe", "publish", "state"],
  ...[
    "flow",
    "where",
    "from",
    "start",
    "reads",
    "writes",
    "drops",
    "handler",
    "run",
    "path",
    "ports",
    "place",
  ],
  ...["on", "and", "or", "not", "in", "a", "B_1", "tcp.port", "{", "}", "(", ")", "->", "<->", "|", ",", ":"],
  ...["=", "==", "!=", "<", ">", "<=", ".", "80", "4KB", "5sec", "0x1", "10.0.0.1/8", "::1/200", '"t"', '"'],
  ...[
    "/// doc",
    "// c",
    "/*",
    "#",
    "'",
    ";",
    "&&",
    "!",
    "\n",
    "\r\n",
    "\t",
    " ",
    "é",
    "漢",
    "😀",
    "\u0000",
    "\\",
  ],
];

/** A bound that only a hang exceeds, also on a busy machine. */
const HANG_MS = 20_000;

function parseAlways(text: string): ParseResult {
  const began = Date.now();
  const result = parseFile("t.mbx", text);
  assert.ok(Date.now() - began < HANG_MS, `${text.length} characters took too long`);
  assert.not(
    result.diagnostics.some((diagnostic) => diagnostic.code.startsWith("MBX9")),
    result.diagnostics.find((diagnostic) => diagnostic.code.startsWith("MBX9"))?.message,
  );
  checkPlaces(text, result.file, result.diagnostics);
  return result;
}

function checkPlaces(text: string, file: SourceFile, diagnostics: readonly Diagnostic[]): void {
  const pending: unknown[] = [file.declarations, diagnostics];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== "object" || value === null) continue;
    if (
      "start" in value &&
      "end" in value &&
      typeof value.start === "number" &&
      typeof value.end === "number"
    ) {
      const { start, end } = value;
      assert.ok(start >= 0 && start <= end && end <= text.length, `span ${start}..${end} of ${text.length}`);
    }
    for (const inner of Object.values(value)) if (inner !== undefined) pending.push(inner);
  }
}

/** A tree without its places, as text. */
function shape(file: SourceFile): string {
  return JSON.stringify(file.declarations, (key, value: unknown) => {
    if (key === "span") return undefined;
    return typeof value === "bigint" ? `${value}` : value;
  });
}

function renders(text: string, diagnostics: readonly Diagnostic[]): void {
  renderPretty(diagnostics, sourceLookup(new Map([["t.mbx", text]])), { colour: false });
}

for (const { name, text } of samples) {
  test(`${name} has no mistake`, () => {
    assert.equal(parseAlways(text).diagnostics, []);
  });

  test(`${name} printed and read again is the same`, () => {
    const { file } = parseAlways(text);
    const printed = printFile(file);
    const again = parseAlways(printed);
    assert.equal(again.diagnostics, []);
    assert.is(shape(again.file), shape(file));
    assert.is(printFile(again.file), printed);
  });

  test(`${name} with tokens deleted, doubled, swapped and inserted stays readable`, () => {
    const tokens = text.match(/\s+|\w+|"[^"]*"|[^\w\s]/g) ?? [];
    const place = fc.nat(tokens.length - 1);
    const change = fc.oneof(
      fc.record({ kind: fc.constant("delete" as const), at: place }),
      fc.record({ kind: fc.constant("double" as const), at: place }),
      fc.record({ kind: fc.constant("swap" as const), at: place, to: place }),
      fc.record({ kind: fc.constant("insert" as const), at: place, piece: fc.constantFrom(...pieces) }),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const mutated = [...tokens];
        for (const each of changes) {
          const old = mutated[each.at] ?? "";
          if (each.kind === "delete") mutated[each.at] = "";
          else if (each.kind === "double") mutated[each.at] = `${old} ${old}`;
          else if (each.kind === "insert") mutated[each.at] = `${old} ${each.piece} `;
          else {
            mutated[each.at] = mutated[each.to] ?? "";
            mutated[each.to] = old;
          }
        }
        const result = parseAlways(mutated.join(""));
        renders(mutated.join(""), result.diagnostics);
        // What was read is well formed: its print is read without a mistake.
        assert.equal(
          shape(parseFile("t.mbx", printFile(complete(result.file))).file),
          shape(complete(result.file)),
        );
      }),
      { numRuns: 150, seed: 7 },
    );
  });
}

/** The declarations of which nothing is missing. */
function complete(file: SourceFile): SourceFile {
  return {
    ...file,
    declarations: file.declarations.filter((declaration) => declaration.incomplete === undefined),
  };
}

test("any string is read", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      renders(text, parseAlways(text).diagnostics);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("any bytes are read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = Buffer.from(bytes).toString("latin1");
      renders(text, parseAlways(text).diagnostics);
      parseAlways(Buffer.from(bytes).toString("utf8"));
    }),
    { numRuns: 300, seed: 2 },
  );
});

test("any sequence of tokens is read, twice alike", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 80 }), (sequence) => {
      const text = sequence.join(" ");
      const first = parseAlways(text);
      const second = parseFile("t.mbx", text);
      assert.is(shape(first.file), shape(second.file));
      assert.equal(first.diagnostics, second.diagnostics);
      renders(text, first.diagnostics);
    }),
    { numRuns: 500, seed: 3 },
  );
});

const DEEP = 10_000;
const open = (text: string): string => text.repeat(DEEP);
const deep: Readonly<Record<string, string>> = {
  "groups of a test": `nf a {\n  subscribe X where ${open("(")}a${open(")")}\n}\n`,
  "groups of a test, never closed": `nf a {\n  subscribe X where ${open("(")}a\n}\n`,
  "groups of a path": `chain c {\n  path ${open("(")}a${open(")")}\n}\n`,
  "branches of a path": `chain c {\n  path ${open("(a | ")}b${open(")")}\n}\n`,
  "branches of a path, never closed": `chain c {\n  path ${open("(a -> ")}b`,
  nots: `nf a {\n  subscribe X where ${open("not ")}a\n}\n`,
  "exclamation marks": `nf a {\n  subscribe X where ${open("!")}a\n}\n`,
  "nots with groups": `nf a {\n  subscribe X where ${open("not (")}a${open(")")}\n}\n`,
  braces: `const A = ${open("{")}1${open("}")}\n`,
  "braces without anything": open("{"),
  "closing braces": open("}"),
  "groups without anything": open("("),
  "groups closed by braces": `nf a {\n  subscribe X where ${open("(")}a${open("}")}\n`,
  "states in states": `nf a {\n  ${open("state flow {\n")}`,
  "network functions in network functions": open("nf a {\n"),
  "groups line by line": `nf a {\n  subscribe X where ${open("(\n")}`,
  "groups with words line by line": `nf a {\n  subscribe X where ${open("(a\n")}`,
  "sets line by line": `nf a {\n  subscribe X where a in ${open("{ a\n")}`,
};

for (const [name, text] of Object.entries(deep)) {
  test(`10,000 levels: ${name}`, () => {
    const { file, diagnostics } = parseAlways(text);
    assert.ok(diagnostics.length > 0);
    printFile(file);
    renders(text, diagnostics.slice(0, 5));
  });
}

test("exactly 256 levels are allowed", () => {
  // The body of the network function is one of them.
  const program = (depth: number) =>
    `nf a {\n  subscribe X where ${"(".repeat(depth)}a${")".repeat(depth)}\n}\n`;
  assert.equal(parseAlways(program(255)).diagnostics, []);
  assert.equal(
    parseAlways(program(256)).diagnostics.map((diagnostic) => diagnostic.code),
    ["MBX1007"],
  );
});

/** Each is a text of a given size: time must grow with it, not with its square. */
const large: Readonly<Record<string, (size: number) => string>> = {
  "one long name": (size) => "a".repeat(size),
  "one long number": (size) => `const A = ${"1".repeat(size)}`,
  "one long text": (size) => `const A = "${"\\n".repeat(size / 2)}"`,
  "one open text": (size) => `const A = "${"x".repeat(size)}`,
  "one long address": (size) => `const A = 1:${"2:".repeat(size / 2)}`,
  dots: (size) => `const A = 1${".1".repeat(size / 2)}`,
  hyphens: (size) => `nf a${"-a".repeat(size / 2)} { }`,
  "unknown characters": (size) => "@ ".repeat(size / 2),
  "open comments": (size) => "/*\n".repeat(size / 3),
  commas: (size) => ",".repeat(size),
  "a set": (size) => `const A = { 1${", 1".repeat(size / 3)} }`,
  "a set without commas": (size) => `const A = { ${"1 ".repeat(size / 2)} }`,
  "broken members": (size) => `nf a {\n${"publish ,\n".repeat(size / 10)}}`,
  "unknown members": (size) => `nf a {\n${"zzzzz a\n".repeat(size / 8)}}`,
  "unfinished declarations": (size) => "nf a {\n".repeat(size / 7),
  words: (size) => "nf ".repeat(size / 3),
  tests: (size) => `nf a {\n subscribe X where a${" and a".repeat(size / 6)}\n}`,
};

for (const [name, make] of Object.entries(large)) {
  test(`200 KB of ${name}`, () => {
    parseAlways(make(200_000));
  });
}

test.run();
