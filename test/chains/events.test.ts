// time limit: 400 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain, type ChainRun } from "../support/chain.ts";
import { Connection } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";

let built: BuiltChain;
let run: ChainRun;

const linesOf = (name: string): readonly string[] => run.log.filter((line) => line.startsWith(`${name} `));

/** Two connections at once, and the first one's ports again. */
function conversation(): readonly Buffer[] {
  const a = new Connection({ sport: 41001 });
  const b = new Connection({ sport: 41002 }, [70_000, 90_000]);
  const again = new Connection({ sport: 41001 }, [900_000, 800_000]);
  return [
    ...a.handshake(),
    ...b.handshake(),
    a.data("client", "one"),
    a.data("server", "reply"),
    b.data("client", "other"),
    a.data("client", "on"),
    a.data("server", "more"),
    a.data("client", "off"),
    a.data("client", "after"),
    ...a.close(),
    ...b.close(),
    ...again.handshake(),
    again.data("client", "new"),
    ...again.close(),
  ];
}

test.before(async () => {
  built = await buildChain("events");
  run = await built.run(spaced(conversation()));
});

const WORDS = ["one", "other", "on", "off", "after", "new"];

test("a C function does not hear a C publication before the event that caused it", () => {
  const lines = linesOf("c_relay").filter((line) => !line.includes("counted"));
  assert.equal(
    lines.map((line) => line.replace(/ \d+ /, " ")),
    WORDS.flatMap((word) => [`c_relay said ${word}`, `c_relay data ${word}`]),
  );
});

test("a TypeScript function does not hear a C publication before the event that caused it", () => {
  const lines = linesOf("ts_relay").filter((line) => !line.includes("counted"));
  assert.equal(
    lines.map((line) => line.replace(/ \d+ /, " ")),
    WORDS.flatMap((word) => [`ts_relay said ${word}`, `ts_relay data ${word}`]),
  );
});

test("an event of no flow is not heard once by each, with no flow", () => {
  assert.equal(run.log.filter((line) => line.includes("counted")).sort(), [
    "c_relay counted 4 flow 0",
    "ts_relay counted 4",
  ]);
});

test("publications of a TypeScript function do not reach C and TypeScript functions behind it", () => {
  const echoes = linesOf("ts_late").filter((line) => line.endsWith("by ts"));
  assert.equal(echoes.length, WORDS.length);
  assert.is(linesOf("c_late").length, 3 * 2, "`other` and `after`, said once and echoed twice");
});

test("publications of two functions are not both heard, each with its publisher's fields", () => {
  const echoes = linesOf("ts_late").filter((line) => line.includes(" echo "));
  const expected = (by: string): readonly string[] =>
    WORDS.map((word) => `${word} ${word.length > 3 ? "loud" : "calm"} by ${by}`);
  for (const by of ["c", "ts"])
    assert.equal(
      echoes.filter((line) => line.endsWith(`by ${by}`)).map((line) => line.split(" ").slice(3).join(" ")),
      expected(by),
    );
});

test("a subscription to an event does not hear those that extend it, filtered by their fields", () => {
  assert.is(linesOf("ts_late").filter((line) => line.includes(" said ")).length, 3, "`on` and both echoes");
});

test("parallel functions hear each other", () => {
  assert.is(linesOf("c_relay").filter((line) => line.includes("said")).length, WORDS.length);
  assert.is(linesOf("toggle").filter((line) => line.includes("said")).length, WORDS.length);
});

test("a switch does not apply to the very event that caused it, or lasts beyond the next", () => {
  assert.equal(
    linesOf("toggle").filter((line) => line.includes("heard")),
    ["toggle heard client 3 on", "toggle heard server 5 more"],
  );
});

const KEPT = ["client 0 one", "server 0 reply", "client 3 on"];

test("`from start` in C misses bytes, or delivers them behind the event that woke it", () => {
  assert.equal(linesOf("keeper"), [
    "keeper said one",
    "keeper said other",
    "keeper said on",
    ...KEPT.map((kept) => `keeper heard ${kept}`),
    "keeper heard server 5 more",
    "keeper said off",
    "keeper said after",
    "keeper said new",
  ]);
});

/** It wakes when its answer arrives: until then bytes are kept, so the flow must not be over. */
test("`from start` in TypeScript misses bytes, or has them twice or out of order", async () => {
  const open = new Connection({ sport: 41003 });
  const frames = [
    ...open.handshake(),
    open.data("client", "one"),
    open.data("server", "reply"),
    open.data("client", "on"),
    open.data("server", "more"),
    open.data("client", "after"),
  ];
  for (const burst of [1, 32]) {
    const { log } = await built.run(spaced(frames), { burst });
    assert.equal(
      log.filter((line) => line.startsWith("ts_keeper heard")),
      [...KEPT, "server 5 more", "client 5 after"].map((kept) => `ts_keeper heard ${kept}`),
      `burst ${burst}`,
    );
  }
});

const counted = (lines: readonly string[]): readonly string[] =>
  [...lines].map((line) => line.replace(/^\w+ /, "")).sort();

const COUNTED = [
  "said 41001 one: 0 before, last ",
  "said 41001 on: 1 before, last one",
  "said 41001 off: 2 before, last on",
  "said 41001 after: 3 before, last off",
  "end 41001: 4 words",
  "said 41002 other: 0 before, last ",
  "end 41002: 1 words",
  "said 41001 new: 0 before, last ",
  "end 41001: 1 words",
];

test("state in C is not zero when a flow starts, or shared between flows or instances", () => {
  assert.equal(counted(linesOf("counter")), counted([...COUNTED, ...COUNTED].map((line) => `x ${line}`)));
});

test("state in TypeScript is not zero when a flow starts, or shared between flows or instances", () => {
  assert.equal(counted(linesOf("ts_counter")), counted([...COUNTED, ...COUNTED].map((line) => `x ${line}`)));
});

test("packets are lost on the way through", () => {
  assert.is(run.summary.packets.out, conversation().length);
});

test.run();
