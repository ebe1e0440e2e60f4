// time limit: 120 s
// Errors of the TypeScript compiler, at the handler's lines and in our codes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isRemembered } from "../../compiler/build/types-checked.ts";
import { checkHandlers, type TsContext } from "../../compiler/build/typescript.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { makeTempFolder } from "../support/temp.ts";

/** As a build writes it: what the declaration allows, and nothing else. */
const GENERATED = `
export interface FlowEnd { readonly flow: { readonly id: number }; readonly reason: "fin" | "rst" | "idle" }
export interface Context { dropFlow(flow: { readonly id: number }): void }
export interface WatchHandlers {
  flow_end(ctx: Context, m: FlowEnd): void;
  sql(ctx: Context, m: { readonly bytes: Uint8Array }): void;
}
export function watch(handlers: WatchHandlers): { readonly nf: string } {
  return { nf: Object.keys(handlers).join() };
}
`;

function handlerOf(body: string): string {
  return `import { watch } from "./watch.gen.js";\n\nexport default watch({\n${body}});\n`;
}

interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  readonly text: string;
  readonly again: () => readonly Diagnostic[];
  readonly folder: string;
}

function check(text: string): Checked {
  const folder = makeTempFolder("types");
  writeFileSync(join(folder, "watch.gen.ts"), GENERATED);
  writeFileSync(join(folder, "watch.ts"), text);
  const context: TsContext & { readonly cache: string } = {
    handlers: [{ nf: "watch", file: join(folder, "watch.ts"), callbacks: ["flow_end", "sql"] }],
    spans: {
      callback: (nf, name) =>
        nf === "watch" && name === "sql" ? { file: "t.mbx", start: 10, end: 13 } : undefined,
      library: () => undefined,
      handler: () => undefined,
    },
    cache: join(folder, ".mbx/types-checked.json"),
    shown: (file) => file.replace(`${folder}/`, ""),
  };
  // As a build does, which loads no compiler for what is remembered.
  const again = () => (isRemembered(context.cache, context.handlers) ? [] : checkHandlers(context));
  return { diagnostics: again(), text, again, folder };
}

/** `CODE file "underlined": message`, and what else is said. */
function said({ diagnostics, text }: Checked): readonly string[] {
  return diagnostics.map((one) => {
    const { file, start, end } = one.primary.span;
    const place = file === "watch.ts" ? JSON.stringify(text.slice(start, end)) : `${start}`;
    return `${one.code} ${file} ${place}: ${one.message}${one.help === undefined ? "" : `; ${one.help.message}`}`;
  });
}

test("a handler that is right says nothing", () => {
  const checked = check(handlerOf("  flow_end(_ctx, m) { console.log(m.reason); },\n  sql() {},\n"));
  assert.equal(said(checked), []);
});

test("a mistyped member is an error at its place", () => {
  const checked = check(handlerOf("  flow_end(_ctx, m) { console.log(m.raeson); },\n  sql() {},\n"));
  assert.is(checked.diagnostics.length, 1);
  assert.match(said(checked)[0] ?? "", /^MBX6004 watch\.ts "raeson": Property `raeson` does not exist/);
  assert.is(checked.diagnostics[0]?.primary.text, "TS2551");
  assert.is(checked.diagnostics[0]?.help?.fix?.text, "reason");
});

test("a comparison with what an enum does not have is an error", () => {
  const checked = check(handlerOf('  flow_end(_ctx, m) { if (m.reason === "fni") return; },\n  sql() {},\n'));
  assert.equal(
    checked.diagnostics.map((one) => one.code),
    ["MBX6004"],
  );
});

test("a verb that the declaration does not give is an error", () => {
  const checked = check(handlerOf("  flow_end(ctx, m) { ctx.resetFlow(m.flow); },\n  sql() {},\n"));
  assert.match(said(checked)[0] ?? "", /^MBX6004 watch\.ts "resetFlow"/);
});

test("a callback that is missing is shown where it is subscribed", () => {
  const checked = check(handlerOf("  flow_end() {},\n"));
  assert.equal(said(checked), [
    "MBX6002 t.mbx 10: `watch.ts` lacks the callback `sql` of `watch`; add to `watch.ts`: `sql(ctx, m) {},`",
  ]);
});

test("several callbacks that are missing are named one by one", () => {
  assert.equal(
    check(handlerOf("")).diagnostics.map((one) => one.message),
    [
      "`watch.ts` lacks the callback `sql` of `watch`",
      "`watch.ts` lacks the callback `flow_end` of `watch`",
    ].sort(),
  );
});

test("a callback that nothing leads to is refused with the one that was meant", () => {
  const checked = check(handlerOf("  flow_end() {},\n  sql() {},\n  sqll() {},\n"));
  assert.equal(said(checked), [
    'MBX6003 watch.ts "sqll": no subscription of `watch` names the callback `sqll`; ' +
      "a callback of `watch` has a similar name: `sql`",
  ]);
});

test("an object inside a callback is no list of callbacks", () => {
  const checked = check(
    handlerOf("  flow_end() { const o: { a: number } = { a: 1, sql: 2 }; return void o; },\n  sql() {},\n"),
  );
  assert.equal(
    checked.diagnostics.map((one) => one.code),
    ["MBX6004"],
  );
});

test("a syntax error is at its place", () => {
  const checked = check('import { watch } from "./watch.gen.js";\nexport default watch({ flow_end( {} });\n');
  assert.ok(checked.diagnostics.length > 0);
  for (const one of checked.diagnostics) assert.is(one.primary.span.file, "watch.ts");
});

test("an import that is not there is an error", () => {
  const checked = check(
    `import { x } from "./nope.js";\n${handlerOf("  flow_end() { x(); },\n  sql() {},\n")}`,
  );
  assert.match(said(checked)[0] ?? "", /^MBX6004 watch\.ts .*nope\.js/);
});

test("what is remembered as right is not checked again", () => {
  const checked = check(handlerOf("  flow_end() {},\n  sql() {},\n"));
  const cache = join(checked.folder, ".mbx/types-checked.json");
  const remembered = JSON.parse(readFileSync(cache, "utf8"));
  assert.equal(Object.keys(remembered.files).sort(), ["../watch.gen.ts", "../watch.ts"]);
  // A memory that no longer looks at the handler: only a check would see what is wrong with it.
  writeFileSync(cache, JSON.stringify({ ...remembered, files: {} }));
  writeFileSync(join(checked.folder, "watch.ts"), "wrong");
  assert.equal(checked.again(), []);
});

test("a change of the declaration is checked again", () => {
  const checked = check(handlerOf("  flow_end() {},\n  sql() {},\n"));
  const generated = join(checked.folder, "watch.gen.ts");
  writeFileSync(generated, readFileSync(generated, "utf8").replace("  sql(", "  tls(): void;\n  sql("));
  assert.is(checked.again().length, 1);
});

test.run();
