/** One cause gives one diagnostic, however much hangs on it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { chain, codesOf, nf } from "./sources.ts";

const table: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "an unknown parent: its event is heard, published and filtered without a word",
    `event SEEN extends FLWO {\n  count: u32\n}\n${nf("a", "subscribe FLOW_END", "publish SEEN")}${nf("b", "subscribe SEEN where count > 5 and nothing")}${chain("a -> b")}`,
    ["MBX2001"],
  ],
  [
    "an unknown type: filters of the field",
    `event SEEN extends FLOW {\n  ok: u8\n  count: int\n}\n${nf("a", "subscribe FLOW_END", "publish SEEN")}${nf("b", "subscribe SEEN where ok > 5")}${chain("a -> b")}`,
    ["MBX2007"],
  ],
  [
    "a constant that cannot be folded: filters, sets and options made of it",
    `const A = B\nconst B = A\nconst C = { A, 5 }\nstack s = monitor { flows A }\n${nf("a", "subscribe PKT_TCP where tcp.dport == A or tcp.dport in C")}`,
    ["MBX2011"],
  ],
  [
    "an unknown constant: constants made of it",
    `const A = NOTHING\nconst B = { A, 1 }\n${nf("a", "subscribe PKT_TCP where tcp.dport in B")}`,
    ["MBX2001"],
  ],
  [
    "an unknown stack kind: its options, and the events of its chain",
    nf("a", "subscribe CONN_REQUEST", "redirects") + chain("a", "moniter { sparkle 5 }"),
    ["MBX5007", "MBX5900"],
  ],
  [
    "an unknown NF in a path: what it might have raised, and what it might have heard",
    `event SEEN extends FLOW { }\nevent HEARD extends FLOW { }\n${nf("a", "subscribe SEEN", "publish HEARD")}${chain("finder -> a")}`,
    ["MBX2001"],
  ],
  [
    "an instance of an unknown NF: its places in paths",
    `event SEEN extends FLOW { }\nnf b = nothing\n${nf("a", "subscribe SEEN")}${chain("b -> a")}`,
    ["MBX2001"],
  ],
  [
    "an import that cannot be read: all names that it might declare",
    `import "nowhere.mbx"\n${nf("a", "subscribe ELSEWHERE where there == HERE", "publish SOMETHING")}${chain("a -> b")}`,
    ["MBX2013"],
  ],
  [
    "a filter with an error: the stacks that it would have told apart",
    `${nf("a", "subscribe FLOW_END")}${nf("b", "subscribe FLOW_END")}stack one = monitor { match tcp.prot == 80 }\nstack two = monitor { }\nchain x {\n  stack one\n  ports p\n  path a\n}\nchain y {\n  stack two\n  ports p\n  path b\n}\n`,
    ["MBX2100"],
  ],
  [
    "an event that is heard too early: that nobody behind its publisher hears it",
    `event SEEN extends FLOW { }\n${nf("a", "subscribe FLOW_END", "publish SEEN")}${nf("b", "subscribe SEEN")}${chain("b -> a")}`,
    ["MBX3002"],
  ],
  [
    "a stack that cannot raise what is heard: the flow's fields and state",
    nf("a", "subscribe FLOW_END", "reads flow.bytes", "state flow { hits: u32 }") + chain("a", "l3 { }"),
    ["MBX3005"],
  ],
  [
    "an event too large for a record: its subscribers",
    `event FORM extends FLOW {\n  a: text<400>\n  b: text<400>\n}\n${nf("a", "subscribe FLOW_END", "publish FORM")}${nf("b", "subscribe FORM", "reads flow.bytes")}${chain("a -> b")}`,
    ["MBX5009"],
  ],
  [
    "an event declared twice: uses of either",
    `event SEEN extends FLOW { }\nevent SEEN extends FLOW {\n  a: u8\n}\n${nf("a", "subscribe FLOW_END", "publish SEEN")}${nf("b", "subscribe SEEN")}${chain("a -> b")}`,
    ["MBX2002"],
  ],
];

for (const [name, source, expected] of table) {
  test(name, () => assert.equal([...codesOf(source)].sort(), [...expected].sort()));
}

/** Only syntax errors, whatever the lost part would have declared, published or heard. */
const broken: readonly (readonly [string, string])[] = [
  [
    "a publication that cannot be read",
    `event SEEN extends FLOW { }\nnf a {\n  subscribe FLOW_END\n  publish = SEEN\n  handler "a.c"\n}\n${nf("b", "subscribe SEEN")}${chain("a -> b")}`,
  ],
  [
    "a subscription that cannot be read",
    `event SEEN extends FLOW { }\n${nf("a", "subscribe FLOW_END", "publish SEEN")}nf b {\n  subscribe = SEEN\n  handler "b.c"\n}\n${chain("a -> b")}`,
  ],
  ["a handler that cannot be read", `nf a {\n  subscribe FLOW_END\n  handler a.c\n}\n${chain("a")}`],
  ["a chain's path that cannot be read", `${nf("a", "subscribe FLOW_END")}${chain("a ->")}`],
  [
    "a declaration whose head cannot be read",
    `event SEEN extend FLOW { }\n${nf("a", "subscribe FLOW_END", "publish SEEN")}${nf("b", "subscribe SEEN")}${chain("a -> b")}`,
  ],
  [
    "a constant that cannot be read",
    `const LIMIT = = 5\n${nf("a", "subscribe PKT_TCP where tcp.dport == LIMIT")}`,
  ],
  ["a filter that cannot be read", `${nf("a", "subscribe PKT_TCP where tcp.dport ==")}${chain("a")}`],
  ["an option that cannot be read", `stack s = endpoint {\n  address 10.0.0.300\n  listen 80\n}\n`],
];

for (const [name, source] of broken) {
  test(name, () => {
    const codes = codesOf(source).filter((code) => code !== "MBX5900");
    assert.ok(codes.length > 0);
    assert.equal(
      codes.filter((code) => !code.startsWith("MBX1")),
      [],
    );
  });
}

test.run();
