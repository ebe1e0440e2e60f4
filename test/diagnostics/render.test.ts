/** How diagnostics are drawn, where drawing is hard. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { renderJson } from "../../compiler/diagnostics/render/json.ts";
import { renderPretty } from "../../compiler/diagnostics/render/pretty.ts";
import { renderSarif } from "../../compiler/diagnostics/render/sarif.ts";
import { renderShort } from "../../compiler/diagnostics/render/short.ts";
import { sourceLookup } from "../../compiler/diagnostics/render/sources.ts";
import { createDiagnostic, createReporter, type ReportDetails } from "../../compiler/diagnostics/report.ts";
import type { Span } from "../../compiler/syntax/ast.ts";

/** A source with one place marked `«…»`, and a diagnostic there. */
function marked(source: string, details: ReportDetails = {}): { text: string; diagnostic: Diagnostic } {
  const start = source.indexOf("«");
  const end = source.indexOf("»") - 1;
  const text = source.replace(/[«»]/g, "");
  return { text, diagnostic: createDiagnostic("MBX1015", span(start, end), { closer: "}" }, details) };
}

function span(start: number, end: number, file = "a.mbx"): Span {
  return { file, start, end };
}

/** What is drawn below the place, without the summary. */
function drawn(source: string, details: ReportDetails = {}, width?: number): string {
  const { text, diagnostic } = marked(source, details);
  const rendered = renderPretty([diagnostic], sourceLookup(new Map([["a.mbx", text]])), {
    colour: false,
    ...(width === undefined ? {} : { width }),
  });
  return rendered.split("\n").slice(2, -3).join("\n");
}

test("a tab is as wide under the line as in it", () => {
  assert.is(drawn("\ta\t«b»", { label: "x" }), "  |\n1 |     a   b\n  |         ^ x");
});

test("wide characters take two columns, combining ones none", () => {
  assert.is(drawn("漢字 «é»😀", { label: "x" }), "  |\n1 | 漢字 é😀\n  |      ^ x");
  assert.is(drawn("e\u0301 «b»", { label: "x" }), "  |\n1 | e\u0301 b\n  |   ^ x");
  assert.is(drawn("«😀» b", { label: "x" }), "  |\n1 | 😀 b\n  | ^^ x");
});

test("control characters and turned text do not reach the terminal", () => {
  assert.is(drawn("a\u001b[31m\u202E «b»", { label: "x" }), "  |\n1 | a\uFFFD[31m\uFFFD b\n  |         ^ x");
});

test("the end of a line of CRLF is not underlined", () => {
  assert.is(drawn("a «b\r»\nc", { label: "x" }), "  |\n1 | a b\n  |   ^ x");
});

test("an empty span is one sign", () => {
  assert.is(drawn("ab«» c", { label: "x" }), "  |\n1 | ab c\n  |   ^ x");
});

test("the end of the file can be pointed at, with and without a last line end", () => {
  assert.is(drawn("ab«»", { label: "x" }), "  |\n1 | ab\n  |   ^ x");
  assert.is(drawn("ab\n«»", { label: "x" }), "  |\n2 |\n  | ^ x");
  assert.is(drawn("«»", { label: "x" }), "  |\n1 |\n  | ^ x");
});

test("a span over lines shows its first and its last", () => {
  assert.is(drawn("a «b\nc» d", { label: "x" }), "  |\n1 | a b\n  |   ^\n2 | c d\n  | ^ x");
  assert.is(
    drawn("a «b {\n  c\n  d\n  }» e", { label: "x" }),
    "  |\n1 | a b {\n  |   ^^^\n...\n4 |   } e\n  |   ^ x",
  );
});

test("a long line is cut around the place", () => {
  const line = drawn(`${"a ".repeat(200)}«bad»${" c".repeat(200)}`, { label: "x" }, 40);
  const [, source, underline] = line.split("\n");
  assert.ok((source ?? "").length <= 46, source);
  assert.match(source ?? "", /^1 \| ….* bad .*…$/);
  assert.is((underline ?? "").indexOf("^^^"), (source ?? "").indexOf("bad"));
});

test("a long span does not draw a longer underline than its line", () => {
  const line = drawn(`«${"b".repeat(500)}»`, { label: "" }, 40);
  assert.ok(line.split("\n").every((each) => each.length <= 46));
});

test("labels on one line share it", () => {
  const secondary = [{ span: span(0, 1), text: "first" }];
  assert.is(drawn("a «b» c", { label: "x", secondary }), "  |\n1 | a b c\n  |   ^ x\n  | - first");
});

test("labels on other lines and in other files have their own place", () => {
  const text = "one\ntwo\n";
  const secondary = [
    { span: span(0, 3), text: "here" },
    { span: span(4, 7, "b.mbx"), text: "there" },
  ];
  const diagnostic = createDiagnostic("MBX1015", span(4, 7), { closer: "}" }, { label: "x", secondary });
  const sources = sourceLookup(
    new Map([
      ["a.mbx", text],
      ["b.mbx", text],
    ]),
  );
  assert.is(
    renderPretty([diagnostic], sources, { colour: false }),
    [
      "error[MBX1015]: this `}` closes nothing",
      " --> a.mbx:2:1",
      "  |",
      "2 | two",
      "  | ^^^ x",
      "  |",
      "1 | one",
      "  | --- here",
      " ::: b.mbx:2:1",
      "  |",
      "2 | two",
      "  | --- there",
      "",
      "error: 1 error",
      "",
    ].join("\n"),
  );
});

test("the gutter is as wide as the largest line number", () => {
  const source = `${"\n".repeat(99)}a «b»`;
  assert.is(drawn(source, { secondary: [{ span: span(0, 0), text: "y" }] }).split("\n")[1], "100 | a b");
});

test("a repair shows the line as it would be", () => {
  const fix = { span: span(2, 3), text: "good" };
  assert.match(
    drawn("a «b» c\nd", { help: { message: "do this", fix } }),
    "help: do this\n  |\n1 | a good c",
  );
});

test("a repair over lines shows each", () => {
  const fix = { span: span(3, 3), text: "\n}" };
  assert.match(drawn("a «b»\nd", { help: { message: "close", fix } }), "help: close\n  |\n1 | a b\n2 | }");
});

test("a diagnostic of a file that was not read has no snippet", () => {
  const diagnostic = createDiagnostic("MBX1015", span(0, 0, "gone.mbx"), { closer: "}" });
  assert.is(
    renderPretty([diagnostic], () => undefined, { colour: false }),
    "error[MBX1015]: this `}` closes nothing\n --> gone.mbx\n\nerror: 1 error\n",
  );
});

test("colour adds nothing but colour", () => {
  const { text, diagnostic } = marked("a «b» c", { notes: ["n"], help: { message: "h" } });
  const sources = sourceLookup(new Map([["a.mbx", text]]));
  const coloured = renderPretty([diagnostic], sources, { colour: true });
  assert.match(coloured, "\u001b[1;31m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are what is removed
  const bare = coloured.replace(/\u001b\[[0-9;]*m/g, "");
  assert.is(bare, renderPretty([diagnostic], sources, { colour: false }));
});

test("short is one line each", () => {
  const { text, diagnostic } = marked("a\n «b» c");
  assert.is(
    renderShort([diagnostic, diagnostic], sourceLookup(new Map([["a.mbx", text]]))),
    "a.mbx:2:2: error[MBX1015]: this `}` closes nothing\n".repeat(2),
  );
});

test("json has places in lines and columns", () => {
  const { text, diagnostic } = marked("a\n «b» c", {
    help: { message: "h", fix: { span: span(3, 4), text: "" } },
  });
  const parsed: unknown = JSON.parse(renderJson([diagnostic], sourceLookup(new Map([["a.mbx", text]]))));
  const place = {
    file: "a.mbx",
    start: { line: 2, column: 2 },
    end: { line: 2, column: 3 },
    offset: 3,
    length: 1,
  };
  assert.equal(parsed, [
    {
      code: "MBX1015",
      severity: "error",
      message: "this `}` closes nothing",
      primary: { ...place, text: "nothing is open here" },
      secondary: [],
      notes: [],
      help: { message: "h", fix: { ...place, text: "" } },
    },
  ]);
  assert.is(
    renderJson([], () => undefined),
    "[]\n",
  );
});

test("sarif has what 2.1.0 requires", () => {
  const { text, diagnostic } = marked("a\n «b» c", {
    help: { message: "h", fix: { span: span(3, 4), text: "z" } },
  });
  const sarif = renderSarif([diagnostic], sourceLookup(new Map([["a.mbx", text]])), { version: "1.2.3" });
  const region = { startLine: 2, startColumn: 2, endLine: 2, endColumn: 3 };
  const log = JSON.parse(sarif);
  assert.is(log.version, "2.1.0");
  assert.is(log.runs[0].tool.driver.rules[0].id, "MBX1015");
  assert.equal(log.runs[0].results, [
    {
      ruleId: "MBX1015",
      ruleIndex: 0,
      level: "error",
      message: { text: "this `}` closes nothing\nhelp: h" },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: "a.mbx" }, region },
          message: { text: "nothing is open here" },
        },
      ],
      fixes: [
        {
          description: { text: "h" },
          artifactChanges: [
            {
              artifactLocation: { uri: "a.mbx" },
              replacements: [{ deletedRegion: region, insertedContent: { text: "z" } }],
            },
          ],
        },
      ],
    },
  ]);
});

test("a reporter sorts by file and place and drops only what it has", () => {
  const reporter = createReporter();
  reporter.report("MBX1015", span(5, 6, "b.mbx"), { closer: "}" });
  reporter.report("MBX1015", span(5, 6), { closer: "}" });
  reporter.report("MBX1015", span(2, 3), { closer: ")" });
  reporter.report("MBX1015", span(5, 6), { closer: "}" });
  reporter.report("MBX1015", span(5, 6), { closer: ")" });
  assert.equal(
    reporter
      .diagnostics()
      .map(({ primary, message }) => `${primary.span.file} ${primary.span.start} ${message}`),
    [
      "a.mbx 2 this `)` closes nothing",
      "a.mbx 5 this `}` closes nothing",
      "a.mbx 5 this `)` closes nothing",
      "b.mbx 5 this `}` closes nothing",
    ],
  );
});

test.run();
