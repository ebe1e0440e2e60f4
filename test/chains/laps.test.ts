// time limit: 300 s
// A capture that is played several times from memory: each lap is as the first.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { Connection, tcpFrame } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";

const LAPS = 5;

let limiter: BuiltChain;
let writes: BuiltChain;

test.before(async () => {
  limiter = await buildChain("limiter");
  writes = await buildChain("writes");
});

for (const burst of [1, 32, 256]) {
  test(`connections of later laps are not those of the first one again (bursts of ${burst})`, async () => {
    const connection = new Connection();
    const frames = [
      ...connection.handshake(),
      connection.data("client", "get "),
      connection.data("client", "it"),
      connection.reset("client"),
    ];
    const { summary, log, out } = await limiter.run(spaced(frames), { burst, laps: LAPS });
    assert.is(summary.flows.started, LAPS);
    assert.is(summary.flows.ended.rst, LAPS);
    assert.is(out.length, LAPS * frames.length);
    const heard = ["first 0 get ", "second 0 get ", "first 4 it", "second 4 it"];
    assert.equal(
      [...log].sort(),
      Array.from({ length: LAPS }, () => heard)
        .flat()
        .sort(),
    );
    const pool = summary.memory.pools.capture;
    assert.is(pool?.used_at_end, pool?.used_at_start, "frames are lost from the pool");
  });
}

test("what a function wrote into a packet is still there a lap later", async () => {
  const traits = { flags: "PA", seq: 77, ack: 99, payload: "abcdefgh" };
  const frame = tcpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1000, dport: 1 }, traits);
  const { log, out, summary } = await writes.run(spaced([frame]), { laps: LAPS });
  assert.equal(
    log,
    Array.from({ length: LAPS }, () => "reader 7 222 aXYZefgh"),
  );
  assert.is(out.length, LAPS);
  assert.is(new Set(out.map(({ frame }) => frame.toString("hex"))).size, 1, "laps left with other bytes");
  assert.is(summary.counters["writes.refused"], 0);
});

test.run();
