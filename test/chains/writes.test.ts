// time limit: 300 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { tcpFrame, udpFrame } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";

let built: BuiltChain;

test.before(async () => {
  built = await buildChain("writes");
});

const ADDRESSES = {
  IPv4: { src: "10.0.0.1", dst: "10.0.0.2", newSrc: "192.0.2.7", newDst: "192.0.2.9" },
  IPv6: { src: "2001:db8:1::1", dst: "2001:db8:2::2", newSrc: "2001:db8::7", newDst: "2001:db8::9" },
} as const;

/** The frame as it should be is made anew: checksums, too, must be as if it had been sent so. */
for (const [language, dport] of [
  ["C", 1],
  ["TypeScript", 2],
] as const)
  for (const [family, { src, dst, newSrc, newDst }] of Object.entries(ADDRESSES)) {
    const of = `${language}, ${family}`;

    test(`a written TCP packet is not what it would be if it had been sent so (${of})`, async () => {
      const traits = { flags: "PA", seq: 77, ack: 99, payload: "abcdefgh" };
      const frame = tcpFrame({ src, dst, sport: 1000, dport }, traits);
      const expected = tcpFrame(
        { src: newSrc, dst: newDst, sport: 111, dport: 222 },
        {
          ...traits,
          payload: "aXYZefgh",
          ttl: 9,
          tos: 0x48,
          window: 4321,
          ethSrc: "02:00:00:00:00:07",
          ethDst: "02:00:00:00:00:09",
        },
      );
      const run = await built.run(spaced([frame]));
      assert.is(run.out[0]?.frame.toString("hex"), expected.toString("hex"));
      assert.is(run.summary.counters["writes.refused"], 0);
      if (language === "C")
        assert.equal(run.log, ["reader 7 222 aXYZefgh"], "who comes later reads what was written");
    });

    test(`a written UDP packet is not what it would be if it had been sent so (${of})`, async () => {
      const frame = udpFrame({ src, dst, sport: 1000, dport }, "abcdefgh");
      const expected = udpFrame({ src: newSrc, dst: newDst, sport: 111, dport: 222 }, "aXYZefgh");
      const run = await built.run(spaced([frame]));
      assert.is(run.out[0]?.frame.toString("hex"), expected.toString("hex"));
    });
  }

test("a payload write beyond the payload is not refused and counted", async () => {
  const frame = udpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1000, dport: 1 }, "ab");
  const run = await built.run(spaced([frame]));
  assert.is(run.summary.counters["writes.refused"], 1);
  assert.is(run.out[0]?.frame.subarray(42, 44).toString("latin1"), "ab");
});

test.run();
