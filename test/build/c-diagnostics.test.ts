// Errors of gcc, clang and the linker, at the handler's lines and in our codes.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type CBuildContext, cDiagnostics } from "../../compiler/build/c-diagnostics.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";

const HEADER = `struct watch_ctx;
struct flow_end { int reason; };
void watch_drop(struct watch_ctx *ctx);
void watch_on_flow_end(struct watch_ctx *ctx, const struct flow_end *m);
void watch_on_sql(struct watch_ctx *ctx, const struct flow_end *m);
`;

/** As a build makes it: the handler's text, and what calls it. */
const UNIT = `#include "../../../watch.c"
struct watch_ctx { int x; };
void watch_drop(struct watch_ctx *ctx) { ctx->x = 1; }
void watch_run(struct watch_ctx *ctx, const struct flow_end *m);
void watch_run(struct watch_ctx *ctx, const struct flow_end *m)
{
	watch_on_flow_end(ctx, m);
	watch_on_sql(ctx, m);
}
`;

const SQL = "void watch_on_sql(struct watch_ctx *ctx, const struct flow_end *m) { (void)ctx; (void)m; }\n";
const FLOW_END = "void watch_on_flow_end(struct watch_ctx *ctx, const struct flow_end *m)\n";

interface Built {
  readonly diagnostics: readonly Diagnostic[];
  readonly said: readonly string[];
}

function build(cc: string, handler: string, unit = UNIT): Built {
  const home = makeTempFolder("c-build");
  const folder = join(home, ".mbx/t");
  const workFolder = join(folder, "cmake");
  mkdirSync(join(folder, "gen"), { recursive: true });
  mkdirSync(workFolder);
  const files = { "watch.c": handler, "watch.gen.h": HEADER, ".mbx/t/gen/nf_watch.c": unit };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  const byBytes = cc === "gcc" ? ["-fdiagnostics-column-unit=byte"] : [];
  const flags = ["-std=gnu11", "-O2", "-g", "-fPIC", "-Wall", "-Wextra", "-Wno-unused-parameter"];
  const ran = spawnSync(
    cc,
    [
      ...flags,
      ...byBytes,
      "-Werror=implicit-function-declaration",
      "-fdiagnostics-color=never",
      "-shared",
      "-Wl,-z,defs",
      "-o",
      "chain.node",
      join(folder, "gen/nf_watch.c"),
    ],
    { cwd: workFolder, encoding: "utf8", env: { ...process.env, LC_ALL: "C" } },
  );
  const context: CBuildContext = {
    handlers: [
      {
        nf: "watch",
        file: join(home, "watch.c"),
        callbacks: ["flow_end", "sql"].map((name) => ({ name, stub: `void watch_on_${name}() {}` })),
        links: [],
      },
    ],
    spans: {
      callback: (_, name) => (name === "sql" ? { file: "t.mbx", start: 7, end: 10 } : undefined),
      library: () => undefined,
      handler: () => undefined,
    },
    workFolder,
    buildFolder: folder,
    ownFolders: [],
    text: (file) => readFileSync(file, "utf8"),
    shown: (file) => relative(home, file),
  };
  const diagnostics = cDiagnostics(ran.stdout + ran.stderr, ran.status !== 0, context);
  const said = diagnostics.map(({ code, severity, message, primary: { span } }) => {
    const text = span.file === "watch.c" ? handler.slice(span.start, span.end) : `${span.start}`;
    return `${severity}[${code}] ${span.file} ${JSON.stringify(text)}: ${message}`;
  });
  return { diagnostics, said };
}

for (const cc of ["gcc", "clang"]) {
  const missing = spawnSync(cc, ["--version"]).status === 0 ? undefined : `${cc} is not installed`;
  const run = (name: string, body: () => void) => testUnless(test, missing, `${cc}: ${name}`, body);

  run("a handler that is right says nothing", () => {
    const { said } = build(cc, `#include "watch.gen.h"\n${FLOW_END}{ watch_drop(ctx); }\n${SQL}`);
    assert.equal(said, []);
  });

  run("a member that there is not is an error at its place, after letters of two bytes too", () => {
    const { said } = build(
      cc,
      `#include "watch.gen.h"\n${FLOW_END}{\n\tif (/* größer */ m->raeson)\n\t\twatch_drop(ctx);\n}\n${SQL}`,
    );
    assert.is(said.length, 1);
    assert.match(said[0] ?? "", /^error\[MBX6005\] watch\.c "(->)?raeson": .*no member named `raeson`/);
  });

  run("a mistyped member is repaired behind its arrow", () => {
    const handler = `#include "watch.gen.h"\n${FLOW_END}{\n\tif (m->reasons)\n\t\twatch_drop(ctx);\n}\n${SQL}`;
    const fix = build(cc, handler).diagnostics[0]?.help?.fix;
    assert.is(fix?.text, "reason");
    assert.is(handler.slice(fix?.span.start, fix?.span.end), "reasons");
  });

  run("a function that nobody declares is an error at its place", () => {
    const { said } = build(cc, `#include "watch.gen.h"\n${FLOW_END}{ watch_reset(ctx); }\n${SQL}`);
    assert.is(said.length, 1);
    assert.match(said[0] ?? "", /^error\[MBX6005\] watch\.c "watch_reset": implicit declaration/);
  });

  run("a function that nobody defines is an error where it is called", () => {
    const { said } = build(
      cc,
      `#include "watch.gen.h"\nvoid helper(void);\n${FLOW_END}{\n\thelper();\n}\n${SQL}`,
    );
    assert.equal(said, ['error[MBX6005] watch.c "helper": `helper` is called and defined nowhere']);
  });

  run("a warning is one, and stops nothing", () => {
    const { said } = build(cc, `#include "watch.gen.h"\n${FLOW_END}{ int unused; }\n${SQL}`);
    assert.equal(said, ['warning[MBX6005] watch.c "unused": unused variable `unused`']);
  });

  run("a callback that is missing is shown where it is subscribed, with what to write", () => {
    const { diagnostics, said } = build(cc, `#include "watch.gen.h"\n${FLOW_END}{ }\n`);
    assert.equal(said, ['error[MBX6002] t.mbx "7": `watch.c` lacks the callback `watch_on_sql` of `watch`']);
    assert.is(diagnostics[0]?.help?.message, "add to `watch.c`:\nvoid watch_on_sql() {}");
  });

  run("a mistyped callback is refused with the one that was meant", () => {
    const { diagnostics } = build(
      cc,
      `#include "watch.gen.h"\n${FLOW_END}{ }\n${SQL.replace("_sql", "_sqll")}`,
    );
    assert.equal(
      diagnostics.map((one) => one.code),
      ["MBX6003"],
    );
    assert.is(diagnostics[0]?.help?.fix?.text, "watch_on_sql");
  });

  run("an error in generated code is ours, not the author's", () => {
    const { said } = build(
      cc,
      `#include "watch.gen.h"\n${FLOW_END}{ }\n${SQL}`,
      UNIT.replace("{ ctx->x = 1; }", "{ ctx->y = 1; }"),
    );
    assert.is(said.length, 1);
    assert.match(said[0] ?? "", /^error\[MBX9002\] .*nf_watch\.c: .*no member named `y`/);
  });

  run("with errors of the author's, those of generated code are not told", () => {
    const { diagnostics } = build(
      cc,
      `#include "watch.gen.h"\nvoid watch_on_sql(int x) { (void)x; }\n${FLOW_END}{ }\n`,
    );
    assert.ok(diagnostics.length > 0);
    for (const one of diagnostics) assert.is(one.code, "MBX6005");
  });
}

test.run();
