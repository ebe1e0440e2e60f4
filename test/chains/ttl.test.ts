// time limit: 300 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { capturePath, withoutCaptures } from "../captures/shared.ts";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { type Ends, reversed, tcpFrame, udpFrame } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";
import { testUnless } from "../support/skip.ts";

let built: BuiltChain;

test.before(async () => {
  built = await buildChain("ttl");
});

const linesOf = (log: readonly string[], who: string): readonly string[] =>
  log.filter((line) => line.startsWith(`${who} `)).map((line) => line.slice(who.length + 1));

/** Four pieces of the client; the TTLs of these, and of what the server says before the third. */
function connection(ends: Ends, client: readonly number[], server: number): readonly Buffer[] {
  const own = (ttl: number, seq: number, flags: string, payload: string): Buffer =>
    tcpFrame(ends, { ttl, seq, ack: 5001, flags, payload });
  const other = (seq: number, ack: number, flags: string, ttl = 64): Buffer =>
    tcpFrame(reversed(ends), { ttl, seq, ack, flags });
  const [one = 0, two = 0, three = 0, four = 0] = client;
  return [
    own(one, 1000, "S", ""),
    other(5000, 1001, "SA"),
    own(one, 1001, "PA", "one"),
    own(two, 1004, "PA", "two"),
    other(5001, 1007, "A", server),
    own(three, 1007, "PA", "three"),
    own(four, 1012, "PA", "four"),
  ];
}

for (const burst of [1, 32])
  for (const [family, src, dst] of [
    ["IPv4", "10.0.0.1", "10.0.0.2"],
    ["IPv6", "2001:db8::1", "2001:db8::2"],
  ] as const)
    test(`a TTL that changes is not told as of its packet, or of another flow, over ${family} (burst ${burst})`, async () => {
      const ends = (sport: number): Ends => ({ src, dst, sport, dport: 80 });
      const { log } = await built.run(
        spaced([
          ...connection(ends(7001), [61, 61, 61, 61], 64),
          ...connection(ends(7002), [61, 61, 1, 61], 64),
          ...connection(ends(7003), [61, 61, 61, 61], 63),
        ]),
        { burst },
      );
      const expected = [
        ...["one same", "two same", "three same", "four same"].map((line) => `7001 ${line}`),
        ...["one same", "two same", "three changed", "four changed"].map((line) => `7002 ${line}`),
        ...["one same", "two same", "three changed", "four changed"].map((line) => `7003 ${line}`),
      ];
      assert.equal(linesOf(log, "native"), expected);
      assert.equal(linesOf(log, "worker"), expected);
      assert.equal(linesOf(log, "suspect"), ["7002 three", "7002 four", "7003 three", "7003 four"]);
    });

test("a UDP flow's TTL that changed is not told at its end", async () => {
  const ends = (sport: number): Ends => ({ src: "10.0.0.1", dst: "10.0.0.2", sport, dport: 53 });
  const { log } = await built.run(
    spaced([
      udpFrame(ends(7001), "a", { ttl: 9 }),
      udpFrame(ends(7001), "b", { ttl: 9 }),
      udpFrame(ends(7002), "a", { ttl: 9 }),
      udpFrame(ends(7002), "b", { ttl: 8 }),
    ]),
  );
  assert.equal([...linesOf(log, "native")].sort(), [
    "7001 udp same",
    "7001 udp same",
    "7002 udp changed",
    "7002 udp same",
  ]);
});

testUnless(
  test,
  withoutCaptures,
  "the segment with a low TTL of evasion case 63 is not flagged",
  async () => {
    const { log } = await built.run(capturePath("evasion/63_low_ttl.pcap"));
    assert.equal(
      linesOf(log, "native").map((line) => line.replace(/^\d+ /, "")),
      ["EVIL changed"],
    );
    assert.equal(
      linesOf(log, "suspect").map((line) => line.replace(/^\d+ /, "")),
      ["EVIL"],
    );
  },
);

test.run();
