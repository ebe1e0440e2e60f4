/** What people get wrong, and where the compiler says so. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseFile } from "../../compiler/syntax/parse.ts";
import { createSource } from "../../compiler/syntax/source.ts";

interface Mistake {
  readonly name: string;
  readonly source: string;
  /** `CODE line:column`, in order. */
  readonly expected: readonly string[];
  /** What the first diagnostic suggests; checked as a part. */
  readonly help?: string;
}

/** A network function around one member. */
const nf = (member: string): string => `nf a {\n  ${member}\n  handler "a.c"\n}\n`;
const chain = (member: string): string => `chain c {\n  ${member}\n  stack web\n}\n`;
const stack = (option: string): string => `stack web = monitor {\n  ${option}\n  idle 60s\n}\n`;
const event = (field: string): string => `event E extends FLOW {\n  ${field}\n  last: u8\n}\n`;

const mistakes: readonly Mistake[] = [
  // Brackets
  {
    name: "brace of a network function is not closed",
    source: `nf a {\n  subscribe X\n\nnf b {\n  drops\n}\n`,
    expected: ["MBX1006 1:6"],
    help: "close it with `}`",
  },
  { name: "last brace is missing", source: "chain c {\n  path a\n", expected: ["MBX1006 1:9"] },
  {
    name: "brace of a body is not opened",
    source: "nf a\n  drops\n}\n",
    expected: ["MBX1005 1:5"],
    help: "open",
  },
  {
    name: "brace of an event is not opened",
    source: "event E extends FLOW\n  a: u8\n}\n",
    expected: ["MBX1005 1:21"],
  },
  { name: "brace too many", source: "nf a {\n  drops\n}\n}\n", expected: ["MBX1015 4:1"] },
  { name: "group of a path is not closed", source: chain("path (a | b -> c"), expected: ["MBX1006 2:8"] },
  {
    name: "group of a test is not closed",
    source: nf("subscribe X where (a == 1"),
    expected: ["MBX1006 2:21"],
  },
  { name: "group closed twice", source: nf("subscribe X where (a == 1))"), expected: ["MBX1015 2:29"] },
  {
    name: "state is not closed",
    source: nf("state flow {\n    n: u32"),
    expected: ["MBX1006 2:14"],
  },
  { name: "set is not closed", source: nf("subscribe X where a in { 1, 2"), expected: ["MBX1006 2:26"] },
  // Signs
  { name: "semicolon", source: nf("drops;"), expected: ["MBX1001 2:8"], help: "leave it out" },
  { name: "&& for and", source: nf("subscribe X where a && b"), expected: ["MBX1012 2:23"], help: "`and`" },
  { name: "|| for or", source: nf("subscribe X where a || b"), expected: ["MBX1012 2:23"], help: "`or`" },
  { name: "! for not", source: nf("subscribe X where !a"), expected: ["MBX1012 2:21"], help: "`not`" },
  { name: "= for ==", source: nf("subscribe X where a = 1"), expected: ["MBX1012 2:23"], help: "`==`" },
  { name: "=== for ==", source: nf("subscribe X where a === 1"), expected: ["MBX1012 2:23"], help: "`==`" },
  { name: "<> for !=", source: nf("subscribe X where a <> 1"), expected: ["MBX1012 2:23"], help: "`!=`" },
  { name: "--> for ->", source: chain("path a --> b"), expected: ["MBX1012 2:10"], help: "`->`" },
  { name: "=> for ->", source: chain("path a => b"), expected: ["MBX1012 2:10"], help: "`->`" },
  { name: "<--> for <->", source: chain("ports a <--> b"), expected: ["MBX1012 2:11"], help: "`<->`" },
  { name: "arrow of a typesetter", source: chain("path a → b"), expected: ["MBX1001 2:10"], help: "`->`" },
  { name: "|| in a path", source: chain("path (a || b)"), expected: ["MBX1012 2:11"], help: "`|`" },
  { name: "= in a field", source: event("a = u8"), expected: ["MBX1012 2:5"], help: "`:`" },
  { name: "colon left out of a field", source: event("a u8"), expected: ["MBX1005 2:5"], help: "name: type" },
  {
    name: "comma between fields",
    source: event("a: u8,"),
    expected: ["MBX1005 2:8"],
    help: "without commas",
  },
  { name: ": in a constant", source: "const A: 5\n", expected: ["MBX1012 1:8"], help: "`=`" },
  { name: "= left out of a constant", source: "const A 5\n", expected: ["MBX1011 1:9"], help: "`=`" },
  {
    name: "= left out of a stack",
    source: "stack web monitor {\n  idle 60s\n}\n",
    expected: ["MBX1011 1:11"],
    help: "`=`",
  },
  { name: "= after a member", source: nf("on_error = drop"), expected: ["MBX1005 2:12"], help: "leave out" },
  { name: ": after an option", source: stack("flows: 10"), expected: ["MBX1005 2:8"], help: "leave out" },
  {
    name: "square brackets",
    source: nf("subscribe X where a in [1]"),
    expected: ["MBX1001 2:26", "MBX1001 2:28"],
  },
  { name: "hash comment", source: "# chain\nconst A = 5\n", expected: ["MBX1017 1:1"], help: "//" },
  { name: "block comment", source: "/* a\n b */\nconst A = 5\n", expected: ["MBX1017 1:1"], help: "//" },
  // Literals
  { name: "single quotes", source: nf("handler 'b.c'"), expected: ["MBX1001 2:11"], help: "double quotes" },
  { name: "no quotes", source: nf("handler b.c"), expected: ["MBX1005 2:11"], help: "double quotes" },
  { name: "text not closed", source: nf('handler "b.c'), expected: ["MBX1002 2:11"] },
  { name: "unknown escape", source: 'const A = "\\q"\n', expected: ["MBX1013 1:12"] },
  { name: "hexadecimal", source: "const A = 0x1F\n", expected: ["MBX1003 1:11"], help: "`31`" },
  { name: "two underscores", source: "const A = 1__0\n", expected: ["MBX1003 1:11"], help: "`1_0`" },
  { name: "fraction", source: "const A = 1.5\n", expected: ["MBX1003 1:11"] },
  { name: "unit in words", source: "const A = 5sec\n", expected: ["MBX1016 1:11"], help: "`5s`" },
  { name: "unit in small letters", source: "const A = 4kb\n", expected: ["MBX1016 1:11"], help: "`4KB`" },
  { name: "unit misspelled", source: "const A = 4KBB\n", expected: ["MBX1016 1:11"] },
  { name: "number beyond 64 bits", source: "const A = 18446744073709551616\n", expected: ["MBX1018 1:11"] },
  { name: "negative number", source: "const A = -5\n", expected: ["MBX1001 1:11"], help: "no sign" },
  { name: "byte above 255", source: "const A = 10.0.0.300\n", expected: ["MBX1004 1:11"] },
  { name: "three groups", source: "const A = 10.0.1\n", expected: ["MBX1004 1:11"] },
  { name: "prefix above 32", source: "const A = 10.0.0.0/33\n", expected: ["MBX1004 1:11"] },
  { name: "two double colons", source: "const A = 1::2::3\n", expected: ["MBX1004 1:11"] },
  { name: "prefix above 128", source: "const A = ::/129\n", expected: ["MBX1004 1:11"] },
  { name: "five groups of a MAC", source: "const A = 02:00:00:00:01\n", expected: ["MBX1004 1:11"] },
  // Words
  {
    name: "declaration misspelled",
    source: "chian c {\n  path a\n}\n",
    expected: ["MBX1008 1:1"],
    help: "`chain`",
  },
  {
    name: "declaration in capitals",
    source: "EVENT E extends FLOW { }\n",
    expected: ["MBX1008 1:1"],
    help: "`event`",
  },
  { name: "function for nf", source: "function a {\n  drops\n}\n", expected: ["MBX1008 1:1"], help: "`nf`" },
  { name: "member misspelled", source: nf("subscirbe X"), expected: ["MBX1009 2:3"], help: "`subscribe`" },
  { name: "member in capitals", source: nf("Publish X"), expected: ["MBX1009 2:3"], help: "`publish`" },
  { name: "member of something else", source: nf("overlap linux"), expected: ["MBX1009 2:3"] },
  {
    name: "member of a chain misspelled",
    source: chain("port a <-> b"),
    expected: ["MBX1009 2:3"],
    help: "`ports`",
  },
  {
    name: "AND in capitals",
    source: nf("subscribe X where a AND b"),
    expected: ["MBX1012 2:23"],
    help: "`and`",
  },
  {
    name: "clause misspelled",
    source: nf("subscribe X wher a == 1"),
    expected: ["MBX1005 2:15"],
    help: "`where`",
  },
  { name: "clauses out of order", source: nf("subscribe X -> b where a == 1"), expected: ["MBX1019 2:20"] },
  {
    name: "two filters",
    source: nf("subscribe X where a where b"),
    expected: ["MBX1019 2:23"],
    help: "`and`",
  },
  { name: "two events in a subscription", source: nf("subscribe X, Y"), expected: ["MBX1005 2:14"] },
  { name: "hyphen in a name", source: "nf my-nf {\n  drops\n}\n", expected: ["MBX1001 1:6"], help: "`_`" },
  { name: "letter that names do not have", source: "nf größe {\n  drops\n}\n", expected: ["MBX1001 1:6"] },
  // What is missing, also where a line is unfinished
  { name: "value missing", source: nf("subscribe X where a =="), expected: ["MBX1005 2:25"] },
  { name: "event missing", source: nf("subscribe"), expected: ["MBX1005 2:12"] },
  { name: "comma at the end", source: nf("publish A,"), expected: ["MBX1005 2:13"], help: "last `,`" },
  {
    name: "comma missing in a set",
    source: nf("subscribe X where a in { 1 2 }"),
    expected: ["MBX1005 2:30"],
    help: "`,`",
  },
  { name: "comma missing in an enum", source: "enum E { a b }\n", expected: ["MBX1005 1:12"], help: "`,`" },
  {
    name: "comma at the end of an enum",
    source: "enum E { a, }\n",
    expected: ["MBX1005 1:13"],
    help: "last `,`",
  },
  { name: "step missing", source: chain("path a ->"), expected: ["MBX1005 2:12"] },
  { name: "branch missing", source: chain("path (a | )"), expected: ["MBX1005 2:13"] },
  { name: "comma in a path", source: chain("path a, b"), expected: ["MBX1005 2:9"], help: "`->`" },
  {
    name: "branches without a group",
    source: chain("path a | b"),
    expected: ["MBX1005 2:10"],
    help: "(a | b)",
  },
  { name: "type missing", source: event("a:"), expected: ["MBX1005 2:5"] },
  { name: "size not closed", source: event("a: text<9"), expected: ["MBX1005 2:12"] },
  { name: "parent missing", source: "event E {\n  a: u8\n}\n", expected: ["MBX1005 1:9"] },
  { name: "option without a value", source: stack("flows"), expected: ["MBX1005 2:8"] },
  { name: "empty enum", source: "enum E { }\n", expected: ["MBX1010 1:8"] },
  { name: "empty set", source: nf("subscribe X where a in { }"), expected: ["MBX1010 2:26"] },
  { name: "documentation of nothing", source: "const A = 5\n/// end\n", expected: ["MBX1014 2:1"] },
  { name: "documentation behind a field", source: event("a: u8 /// of what"), expected: ["MBX1014 2:9"] },
  {
    name: "mistakes on two lines are two",
    source: nf("subscribe X where a ==\n  publish A,\n  drops"),
    expected: ["MBX1005 2:25", "MBX1005 3:13"],
  },
  {
    name: "unfinished filter, then a misspelled member",
    source: nf("subscribe X where a ==\n  publsh A"),
    expected: ["MBX1005 2:25", "MBX1009 3:3"],
  },
];

for (const mistake of mistakes) {
  test(mistake.name, () => {
    const source = createSource("t.mbx", mistake.source);
    const { diagnostics } = parseFile("t.mbx", mistake.source);
    const found = diagnostics.map((diagnostic) => {
      const { line, column } = source.positionAt(diagnostic.primary.span.start);
      return `${diagnostic.code} ${line}:${column}`;
    });
    assert.equal(found, mistake.expected);
    if (mistake.help !== undefined) assert.match(diagnostics[0]?.help?.message ?? "", mistake.help);
  });
}

test("a suggested change removes the mistake it belongs to", () => {
  for (const mistake of mistakes) {
    const { diagnostics } = parseFile("t.mbx", mistake.source);
    for (const diagnostic of diagnostics) {
      const fix = diagnostic.help?.fix;
      if (fix === undefined) continue;
      const repaired =
        mistake.source.slice(0, fix.span.start) + fix.text + mistake.source.slice(fix.span.end);
      const after = parseFile("t.mbx", repaired).diagnostics.length;
      assert.ok(
        after < diagnostics.length,
        `${mistake.name}: ${diagnostic.code} remains after its own repair:\n${repaired}`,
      );
    }
  }
});

test("what is around a mistake is still read", () => {
  const text = `nf a {\n  subscribe X where a ==\n  publish A\n  handler "a.c"\n}\n\nnf b {\n  drops\n}\n`;
  const { file } = parseFile("t.mbx", text);
  assert.equal(
    file.declarations.map((declaration) => (declaration.kind === "nf" ? declaration.parts.length : 0)),
    [3, 1],
  );
  assert.is(file.declarations[0]?.incomplete, true);
  assert.is(file.declarations[1]?.incomplete, undefined);
});

test("a word of the language stays usable as a name", () => {
  const text = [
    "event event extends state {\n  on: u8\n  state: u8\n  enum: enum { nf, chain, where, and }\n}",
    "nf on {\n  subscribe event where where == and and not state -> from, not\n  publish run, handler\n}",
    "nf state {\n  state flow { publish: u32 handler:u8 }\n}",
    "chain chain {\n  stack stack\n  ports in <-> path\n  path on -> (state | not) -> place\n  place on on 1\n}",
  ].join("\n");
  assert.equal(parseFile("t.mbx", text).diagnostics, []);
});

test("declarations and members may share a line", () => {
  const text =
    'stack s = monitor { overlap linux flows 1_000 match tcp.port == 80 and a idle 60s } nf a { subscribe X where b publish Y drops state flow { a:u32 b:u8 } handler "a.c" } nf b = a chain c { stack s ports x <-> y path a -> b malformed drop }';
  const { file, diagnostics } = parseFile("t.mbx", text);
  assert.equal(diagnostics, []);
  assert.equal(
    file.declarations.map((declaration) => declaration.kind),
    ["stack", "nf", "nf", "chain"],
  );
});

test("addresses and fields are told apart", () => {
  const text =
    "const A = { 2001:db8::/32, ::1, dead::beef, 02:00:00:00:00:01, ::ffff:10.0.0.1 }\nevent E extends FLOW {\n  a:u32 dead:beef\n  be:text<4>\n}\n";
  const { file, diagnostics } = parseFile("t.mbx", text);
  assert.equal(diagnostics, []);
  const [constant, event] = file.declarations;
  assert.ok(constant?.kind === "const" && constant.value.kind === "set");
  assert.equal(
    constant.value.items.map((item) => item.kind),
    ["ip", "ip", "ip", "mac", "ip"],
  );
  assert.ok(event?.kind === "event");
  assert.equal(
    event.fields.map((field) => field.name.text),
    ["a", "dead", "be"],
  );
});

test.run();
