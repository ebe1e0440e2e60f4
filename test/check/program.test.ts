import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MOST_WAITS } from "../../compiler/check/waits.check.ts";
import { createProgram } from "../../compiler/program.ts";
import { chain, codesOf, nf, problems, programOf, ROOT } from "./sources.ts";

test("a file sees what it imports, through others too", () => {
  const files = {
    "middle.mbx": 'import "deep/types.mbx"\n',
    "deep/types.mbx": "event SEEN extends FLOW { }\nconst LIMIT = 5\n",
  };
  const source = `import "middle.mbx"\n${nf("watch", "subscribe FLOW_END", "publish SEEN")}${nf("hear", "subscribe SEEN")}`;
  assert.equal(codesOf(source, { files }), []);
});

test("a file does not see what those declare that import it", () => {
  const files = { "events.mbx": "event SEEN extends FLOW {\n  app: App\n}\n" };
  assert.equal(problems('import "events.mbx"\nenum App { a, b }\n', { files }), ["MBX2014 events.mbx:2:8"]);
});

test("a file imported on two ways is one file", () => {
  const files = {
    "a.mbx": 'import "types.mbx"\n',
    "b.mbx": 'import "./types.mbx"\n',
    "types.mbx": "const LIMIT = 5\n",
  };
  assert.equal(codesOf('import "a.mbx"\nimport "b.mbx"\n', { files }), []);
});

test("a circle of imports is reported once, where it closes", () => {
  const files = { "a.mbx": 'import "b.mbx"\n', "b.mbx": 'import "a.mbx"\n' };
  assert.equal(problems('import "a.mbx"\n', { files }), ["MBX2012 b.mbx:1:8"]);
  assert.equal(problems('import "main.mbx"\n'), ["MBX2012 1:8"]);
});

test("a chain of a thousand imports does not exhaust the stack", () => {
  const files: Record<string, string> = {};
  for (let i = 0; i < 1000; i++)
    files[`f${i}.mbx`] = i < 999 ? `import "f${i + 1}.mbx"\n` : "const END = 1\n";
  assert.equal(codesOf('import "f0.mbx"\nconst START = END\n', { files }), []);
});

test("long chains of constants, events and instances do not exhaust the stack", () => {
  const count = 3000;
  const lines = Array.from({ length: count }, (_, i) => [
    `const C${i} = ${i + 1 < count ? `C${i + 1}` : "1"}`,
    `event E${i} extends ${i + 1 < count ? `E${i + 1}` : "FLOW"} { }`,
    `nf n${i} = ${i + 1 < count ? `n${i + 1}` : "last"}`,
  ]);
  assert.equal(codesOf(`${lines.flat().join("\n")}\n${nf("last", "subscribe FLOW_END")}`), []);
});

test("a root that cannot be read is one diagnostic", () => {
  const program = createProgram({ readFile: () => undefined, fileExists: () => false }, ["gone.mbx"]);
  assert.equal(
    program.check().map((one) => one.code),
    ["MBX2013"],
  );
  assert.is(program.ir("gone.mbx"), undefined);
});

test("what two roots import is reported once", () => {
  const texts: Readonly<Record<string, string>> = {
    "a.mbx": 'import "types.mbx"\n',
    "b.mbx": 'import "types.mbx"\n',
    "types.mbx": "event SEEN extends PKT { }\n",
  };
  const program = createProgram({ readFile: (path) => texts[path], fileExists: () => true }, [
    "a.mbx",
    "b.mbx",
  ]);
  assert.equal(
    program.check().map((one) => one.code),
    ["MBX2009"],
  );
});

test("a file is read once, however often it is asked about", () => {
  let reads = 0;
  const readFile = (): string => {
    reads += 1;
    return nf("watch", "subscribe FLOW_END") + chain("watch");
  };
  const program = createProgram({ readFile, fileExists: () => true }, [ROOT]);
  program.check();
  program.check("build");
  program.ir(ROOT);
  program.sourceText(ROOT);
  assert.is(reads, 1);
});

test("what is not built yet is a warning to check and an error to build", () => {
  const program = programOf(nf("watch", "subscribe FLOW_START", "redirects") + chain("watch"));
  assert.equal(
    program.check("check").map((one) => [one.code, one.severity]),
    [["MBX5900", "warning"]],
  );
  assert.equal(
    program.check("build").map((one) => [one.code, one.severity]),
    [["MBX5900", "error"]],
  );
});

test("a missing handler is a warning to check and no matter to build, which writes its stub", () => {
  const host = { readFile: () => nf("watch", "subscribe FLOW_END"), fileExists: () => false };
  const program = createProgram(host, [ROOT]);
  assert.equal(
    program.check("check").map((one) => [one.code, one.severity]),
    [["MBX6001", "warning"]],
  );
  assert.equal(program.check("build"), []);
});

test("a missing handler whose name is near that of a file is not told of before its stub is written", () => {
  const source = `${nf("watch", "subscribe FLOW_END")}${nf("log", "subscribe FLOW_END")}`;
  const host = {
    readFile: () => source,
    fileExists: (path: string) => path === "log.c",
    filesIn: () => ["watsh.c", "watch.ts", "lug.c", "log.c", "watch.gen.h"],
  };
  const found = createProgram(host, [ROOT]).check("build");
  assert.equal(
    found.map(({ code, severity, help }) => [code, severity, help?.fix?.text]),
    [["MBX6001", "warning", '"watsh.c"']],
  );
});

for (const [name, what] of [
  ["ids", 0],
  ["l4", 1],
  ["l7", 4],
] as const) {
  test(`the language's example ${name} has no problems but what cannot be built yet`, () => {
    const source = readFileSync(new URL(`./${name}.mbx`, import.meta.url), "utf8");
    assert.equal(
      codesOf(source),
      Array.from({ length: what }, () => "MBX5900"),
    );
  });
}

test("more than 64 subscriptions are fine", () => {
  const parts = Array.from(
    { length: 100 },
    (_, i) => `subscribe FLOW_END where flow.bytes > ${i} -> more_${i}`,
  );
  assert.equal(codesOf(nf("watch", ...parts) + chain("watch")), []);
});

/** As many instances of one NF, in a path. */
function manyNfs(count: number, ...parts: readonly string[]): string {
  const names = Array.from({ length: count }, (_, number) => `n${number}`);
  const instances = names.slice(1).map((name) => `nf ${name} = n0\n`);
  return nf("n0", "subscribe PKT_TCP", ...parts) + instances.join("") + chain(names.join(" -> "));
}

test("more NFs than an event's publisher can number, or than a flow has bits for, are refused", () => {
  assert.equal(codesOf(manyNfs(250)), []);
  assert.equal(codesOf(manyNfs(251)), ["MBX5012"]);
  assert.equal(codesOf(manyNfs(64, "drops")), []);
  assert.equal(codesOf(manyNfs(65, "drops")), ["MBX5012"]);
});

/** As many functions on a core of their own, each of which publishes what the last one hears. */
function manyPlaced(count: number): string {
  const names = Array.from({ length: count }, (_, number) => `n${number}`);
  const instances = names.slice(1).map((name) => `nf ${name} = n0\n`);
  return (
    "event SEEN extends FLOW_TCP { number: u32 }\n" +
    nf("n0", "subscribe PKT_TCP", "publish SEEN") +
    instances.join("") +
    nf("last", "subscribe SEEN") +
    chain([...names, "last"].join(" -> ")).replace(
      /\n}\n$/,
      `\n${names.map((name) => `  place ${name} on 0\n`).join("")}}\n`,
    )
  );
}

test("a path whose packets wait more often than the dataplane has stages is not refused", () => {
  assert.equal(codesOf(manyPlaced(64)), []);
  assert.equal(codesOf(manyPlaced(65)), ["MBX5012"]);
  assert.equal(codesOf(manyPlaced(65).replace("subscribe SEEN", "subscribe FLOW_END")), ["MBX3006"]);
});

test("the checker allows other waits than the dataplane has stages for", () => {
  const header = readFileSync(new URL("../../runtime/dataplane/lcore/program.h", import.meta.url), "utf8");
  assert.is(Number(/^#define CHAIN_STAGES_MAX (\d+)/m.exec(header)?.[1]), MOST_WAITS + 1);
});

test.run();
