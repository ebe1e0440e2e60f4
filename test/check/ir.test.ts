import { readFileSync, writeFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { FilterIr } from "../../compiler/ir/ir.ts";
import { chain, nf, programOf, ROOT } from "./sources.ts";

const source = readFileSync(new URL("./ids.mbx", import.meta.url), "utf8");
const snapshot = new URL("./ids.ir.json", import.meta.url);

/** Handler paths are absolute, so they are cut to what any machine has. */
function plain(key: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  return key === "path" && typeof value === "string" ? value.slice(value.lastIndexOf("/")) : value;
}

test("the IR of the language's example; MBX_BLESS=1 writes it anew", () => {
  const text = `${JSON.stringify(programOf(source).ir(ROOT), plain, 2)}\n`;
  if (process.env.MBX_BLESS === "1" && process.env.CI === undefined) writeFileSync(snapshot, text);
  assert.equal(JSON.parse(text), JSON.parse(readFileSync(snapshot, "utf8")));
});

test("the IR is frozen to its depths", () => {
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    assert.ok(Object.isFrozen(value));
    Object.values(value).forEach(visit);
  };
  visit(programOf(source).ir(ROOT));
});

test("a program with errors has no IR", () => {
  assert.is(programOf(nf("watch", "subscribe FLOW_STRAT")).ir(ROOT), undefined);
});

test("what is not built yet has an IR all the same", () => {
  const ir = programOf(nf("watch", "subscribe CONN_REQUEST", "redirects") + chain("watch", "splicer { }")).ir(
    ROOT,
  );
  assert.is(ir?.nfs[0]?.redirects, true);
  assert.is(ir?.stacks[0]?.kind, "splicer");
});

function whereOf(test: string, before = ""): FilterIr | undefined {
  const ir = programOf(before + nf("watch", `subscribe PKT_TCP where ${test}`) + chain("watch")).ir(ROOT);
  return ir?.nfs[0]?.subscriptions[0]?.where;
}

test("a literal on the left is turned around", () => {
  assert.equal(whereOf("1024 < tcp.dport"), whereOf("tcp.dport > 1024"));
});

test("constants in filters are folded, sets in sets too", () => {
  assert.equal(
    whereOf(
      "tcp.dport in { WEB, MORE }",
      "const SSH = 22\nconst WEB = { 80, 443 }\nconst MORE = { SSH, WEB }\n",
    ),
    whereOf("tcp.dport in { 80, 443, 22, 80, 443 }"),
  );
});

test("sizes are in bytes and durations in nanoseconds", () => {
  const size = programOf(
    nf("watch", "subscribe DATA_TCP where stream.offset < 4KB and flow.rtt > 2ms") + chain("watch"),
  ).ir(ROOT)?.nfs[0]?.subscriptions[0]?.where;
  assert.is(size?.kind, "and");
  const values =
    size?.kind === "and" ? size.operands.map((one) => (one.kind === "compare" ? one.right : one)) : [];
  assert.equal(values, [
    { kind: "number", value: 4096n },
    { kind: "number", value: 2_000_000n },
  ]);
});

test("an instance has its origin's parts and handlers", () => {
  const ir = programOf(
    `${nf("first", "subscribe FLOW_END", "drops")}nf second = first\n${chain("first -> second")}`,
  ).ir(ROOT);
  const [first, second] = ir?.nfs ?? [];
  assert.is(second?.handlerOf, "first");
  assert.equal(second?.subscriptions, first?.subscriptions);
  assert.equal(second?.handler, first?.handler);
});

test("NFs that no chain of the root uses are left out, and so are their stacks", () => {
  const ir = programOf(
    `${nf("used", "subscribe FLOW_END")}${nf("unused", "subscribe FLOW_END")}stack idle = l3 { }\n${chain("used")}`,
  ).ir(ROOT);
  assert.equal(
    ir?.nfs.map((one) => one.name),
    ["used"],
  );
  assert.equal(
    ir?.stacks.map((one) => one.name),
    ["all"],
  );
});

test("fields of ancestors come first, and the base is the nearest built-in event", () => {
  const events = "event CHILD extends PARENT {\n  b: u8\n}\nevent PARENT extends FLOW_TCP {\n  a: u8\n}\n";
  const ir = programOf(events + nf("watch", "subscribe FLOW_END") + chain("watch")).ir(ROOT);
  assert.equal(
    ir?.events.map((event) => event.name),
    ["PARENT", "CHILD"],
  );
  assert.equal(
    ir?.events[1]?.fields.map((field) => field.name),
    ["a", "b"],
  );
  assert.is(ir?.events[1]?.base, "FLOW_TCP");
});

test("handlers of imported NFs are relative to the imported file", () => {
  const files = { "lib/watch.mbx": nf("watch", "subscribe FLOW_END") };
  const ir = programOf(`import "lib/watch.mbx"\n${chain("watch")}`, files).ir(ROOT);
  const handler = ir?.nfs[0]?.handler;
  assert.ok(handler?.language === "c" && handler.path.endsWith("/lib/watch.c"));
});

test.run();
