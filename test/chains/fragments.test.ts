// time limit: 600 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain, type ChainRun } from "../support/chain.ts";
import { fragment, fragments } from "../support/fragments.ts";
import { Connection, udpFrame } from "../support/frames.ts";
import { EPOCH, spaced } from "../support/made-capture.ts";

const built = new Map<string, BuiltChain>();

async function chainOf(name: string): Promise<BuiltChain> {
  const known = built.get(name) ?? (await buildChain(name));
  built.set(name, known);
  return known;
}

const hex = (frames: readonly Buffer[]): readonly string[] => frames.map((frame) => frame.toString("hex"));
const sent = (run: ChainRun): readonly string[] => hex(run.out.map(({ frame }) => frame));
const other = udpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport: 9, dport: 54 }, "between");

for (const name of ["verdicts_c", "verdicts_ts"])
  for (const burst of name === "verdicts_c" ? [1, 2, 32, 256] : [1, 32]) {
    const of = `${name}, burst ${burst}`;
    const runOf = async (frames: readonly Buffer[]): Promise<ChainRun> => {
      const run = await (await chainOf(name)).run(spaced(frames), { burst });
      const dropped = Object.values(run.summary.packets.dropped).reduce((sum, one) => sum + one, 0);
      assert.is(run.summary.packets.in, run.summary.packets.out + dropped, "a packet is not counted");
      return run;
    };

    for (const [family, src, dst] of [
      ["IPv4", "10.0.0.1", "10.0.0.2"],
      ["IPv6", "2001:db8::1", "2001:db8::2"],
    ] as const)
      test(`fragments leave before their datagram is judged, altered, or in another order, over ${family} (${of})`, async () => {
        const a = new Connection({ src, dst });
        const open = a.handshake();
        const [one, two, three] = fragments(a.data("client", "hello, this is long"), 1, 24) as [
          Buffer,
          Buffer,
          Buffer,
        ];
        const dropped = fragments(a.data("client", "drop me, says a word cut in two"), 2, 24);
        const answer = a.data("server", "answer");
        const run = await runOf([...open, two, other, one, ...dropped, answer]);
        assert.is(three, undefined);
        assert.equal(sent(run), hex([...open, other, two, one, answer]));
        assert.equal(
          run.log.filter((line) => line.startsWith("data")),
          ["data 40000 client 0 hello, this is long", "data 40000 server 0 answer"],
        );
        assert.equal(run.summary.packets.dropped, { nf: dropped.length });
      });

    test(`fragments of a datagram that is never whole pass, or are not counted (${of})`, async () => {
      const [first = other] = fragments(
        udpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport: 9, dport: 53 }, "x".repeat(40)),
        7,
        24,
      );
      const run = await runOf([first, other, first]);
      assert.equal(sent(run), hex([other]));
      assert.equal(run.summary.packets.dropped, { shutdown: 2 });
      const late = [
        { time: EPOCH, frame: first },
        { time: EPOCH + 31_000_000_000n, frame: other },
      ];
      const expired = await (await chainOf(name)).run(late, { burst });
      assert.equal(sent(expired), hex([other]));
      assert.equal(expired.summary.packets.dropped, { fragment_expired: 1 });
    });

    test(`a datagram of which one fragment has a tag that says nothing passes unjudged (${of})`, async () => {
      const ends = { src: "10.0.0.1", dst: "10.0.0.2", sport: 9, dport: 53 };
      const tag = (frame: Buffer): Buffer =>
        Buffer.concat([frame.subarray(0, 12), Buffer.from([0x81, 0, 0, 0]), frame.subarray(12)]);
      const parts = [8, 9].map((id) => fragments(udpFrame(ends, "z".repeat(40)), id, 24));
      const mixed = parts.flatMap((pair, i) => pair.map((frame, j) => (i === j ? tag(frame) : frame)));
      const run = await runOf([...mixed, other]);
      assert.equal(sent(run), hex([other]));
      assert.equal(run.summary.packets.dropped, { nf: mixed.length });
    });

    test(`a datagram that the host refuses passes in part (${of})`, async () => {
      const frame = udpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport: 9, dport: 54 }, "y".repeat(60));
      const parts = [
        fragment(frame, 3, { from: 0, to: 24 }),
        fragment(frame, 3, { from: 16, to: 48 }),
        ...fragments(frame, 3, 32),
      ];
      const run = await runOf(parts);
      assert.equal(sent(run), hex(parts.slice(2)));
      assert.equal(run.summary.packets.dropped, { fragment_refused: 2 });
    });
  }

test("fragments wait in a chain where nobody can drop, or change there", async () => {
  const chain = await chainOf("events");
  const a = new Connection();
  const open = a.handshake();
  const parts = fragments(a.data("client", "a line that is long enough"), 1, 24);
  const frames = [...open, parts[1] ?? other, other, parts[0] ?? other, parts[0] ?? other];
  for (const burst of [1, 32]) assert.equal(sent(await chain.run(spaced(frames), { burst })), hex(frames));
});

test("a datagram goes to a chain that does not match it, or passes the one that drops it", async () => {
  const chain = await chainOf("fragments_two");
  const udp = (dport: number, end: string): readonly Buffer[] =>
    fragments(
      udpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport: 9, dport }, `${"z".repeat(40)}${end}`),
      dport + end.length,
      24,
    );
  const [none, dropped, kept, unmatched] = [
    udp(53, ""),
    udp(99, "drop"),
    udp(99, "keep"),
    udp(123, "drop"),
  ] as const;
  for (const burst of [1, 2, 32, 256]) {
    const run = await chain.run(spaced([...none, ...dropped, ...unmatched, ...kept]), { burst });
    assert.equal(sent(run), hex([...none, ...unmatched, ...kept]));
    assert.equal(run.log, ["queries 53", "strict 99 44", "strict 99 44"]);
    assert.equal(run.summary.packets.dropped, { nf: dropped.length });
  }
});

test.run();
