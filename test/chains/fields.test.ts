// time limit: 300 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildChain, type ChainRun } from "../support/chain.ts";
import { udpFrame } from "../support/frames.ts";
import { EPOCH, type Timed } from "../support/made-capture.ts";

const MILLISECOND = 1_000_000n;
let run: ChainRun;

test.before(async () => {
  const built = await buildChain("fields");
  const at = (sport: number, milliseconds: number): Timed => ({
    time: EPOCH + BigInt(milliseconds) * MILLISECOND,
    frame: udpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport, dport: 53 }, "x"),
  });
  run = await built.run([at(7001, 0), at(7001, 1), at(7002, 20), at(7002, 40), at(7002, 80)]);
});

const linesOf = (start: string): readonly string[] => run.log.filter((line) => line.startsWith(start));

test("a value reaches TypeScript from C as another one", () => {
  const expected =
    "turner true 200 60000 4000000000 5000000001 -7 -5000000001 10.0.0.10 2001:db8::1 02:00:00:00:00:ab " +
    "1700000000123 1.5 grün blue y 1,0,255 5000000000 micro 10.0.0.10";
  assert.equal(linesOf("turner true"), [expected, expected]);
});

test("a value reaches C from TypeScript as another one", () => {
  const expected =
    "taker 1 200 60000 4000000000 5000000001 -7 -5000000001 10.10 v4 20..1 v6 ab " +
    "1700000000123000000 1500000 3:1,0,255 grün 2 1";
  assert.equal(linesOf("taker"), [expected, expected]);
});

test("a UDP flow does not start with its first packet, or end when it was idle", () => {
  assert.equal(linesOf("sender udp"), [
    "sender udp 7001 phase 0",
    "sender udp 7002 phase 0",
    "sender udp 7001 phase 1",
    "sender udp 7002 phase 1",
  ]);
  assert.equal(linesOf("turner udp"), [
    "turner udp 7001 start",
    "turner udp 7002 start",
    "turner udp 7001 end",
    "turner udp 7002 end",
  ]);
});

test("a timer set in C does not fire in capture time, or for another function", () => {
  assert.equal(linesOf("sender timer"), ["sender timer 7001 at 3", "sender timer 7002 at 23"]);
});

test("a timer set in TypeScript fires for another function", () => {
  assert.ok(linesOf("turner timer").length <= 2);
});

test.run();
