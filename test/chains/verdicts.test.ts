// time limit: 400 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain, type ChainRun } from "../support/chain.ts";
import { Connection, internetChecksum, pseudoHeader, udpFrame } from "../support/frames.ts";
import { EPOCH, spaced } from "../support/made-capture.ts";

const built = new Map<string, BuiltChain>();

async function chainOf(language: string): Promise<BuiltChain> {
  const known = built.get(language) ?? (await buildChain(`verdicts_${language}`));
  built.set(language, known);
  return known;
}

const hex = (frames: readonly Buffer[]): readonly string[] => frames.map((frame) => frame.toString("hex"));
const sent = (run: ChainRun): readonly string[] => hex(run.out.map(({ frame }) => frame));
const heard = (run: ChainRun, what: string): readonly string[] =>
  run.log.filter((line) => line.startsWith(`${what} `));

for (const language of ["c", "ts"])
  for (const burst of [1, 32]) {
    const of = `${language === "c" ? "C" : "TypeScript"}, burst ${burst}`;
    const runOf = async (frames: readonly Buffer[]): Promise<ChainRun> =>
      (await chainOf(language)).run(spaced(frames), { burst });

    test(`drop_packet on DATA_TCP lets its bytes pass later, or stops acknowledgements (${of})`, async () => {
      const a = new Connection();
      const passing = [...a.handshake(), a.data("client", "hello"), a.ack("server")];
      const at = a.client;
      const dropped = a.data("client", "drop me");
      const behind = a.data("client", "behind");
      const answer = a.data("server", "answer");
      const ack = a.ack("client");
      const again = a.again("client", "drop me", at);
      const run = await runOf([...passing, dropped, behind, answer, ack, again]);
      assert.equal(sent(run), hex([...passing, answer, ack]));
      assert.equal(heard(run, "data"), ["data 40000 client 0 hello", "data 40000 server 0 answer"]);
      assert.equal(run.summary.packets.dropped, { nf: 1, blocked: 2 });
    });

    test(`drop_packet on PKT drops no packet, or is heard behind (${of})`, async () => {
      const ends = { src: "10.0.0.1", dst: "10.0.0.2", sport: 999 };
      const frames = [udpFrame({ ...ends, dport: 53 }, "query"), udpFrame({ ...ends, dport: 54 }, "other")];
      const run = await runOf(frames);
      assert.equal(sent(run), hex(frames.slice(1)));
      assert.is(heard(run, "packet").length, 1);
      assert.equal(run.summary.packets.dropped, { nf: 1 });
    });

    test(`a FLOW event does not say that its packet was dropped, or says it of one that passes (${of})`, async () => {
      const a = new Connection();
      const start = a.client + 1;
      const before = [...a.handshake(), a.data("client", "hello"), a.again("client", "hello", start)];
      const at = a.client;
      const run = await runOf([...before, a.data("client", "drop me"), a.again("client", "drop me", at)]);
      assert.equal(sent(run), hex(before));
      assert.equal(heard(run, "copy"), ["copy 40000 0 passed", "copy 40000 5 dropped"]);
    });

    test(`drop_flow lets packets of its flow pass, or drops those of others (${of})`, async () => {
      const a = new Connection();
      const b = new Connection({ sport: 40001 });
      const before = [...a.handshake(), ...b.handshake()];
      const dropped = [a.data("client", "flow"), a.data("server", "no"), a.ack("client")];
      const others = [b.data("client", "yes"), ...b.close()];
      const run = await runOf([...before, ...dropped, ...others]);
      assert.equal(sent(run), hex([...before, ...others]));
      assert.equal(heard(run, "data"), ["data 40001 client 0 yes"]);
      assert.equal(run.summary.packets.dropped, { flow: 3 });
    });

    for (const [family, src, dst] of [
      ["IPv4", "10.0.0.1", "10.0.0.2"],
      ["IPv6", "2001:db8::1", "2001:db8::2"],
    ] as const)
      test(`resets have wrong numbers, ends or checksums over ${family} (${of})`, async () => {
        const a = new Connection({ src, dst }, [1000, 5000]);
        const before = [
          ...a.handshake(),
          a.data("client", "hello"),
          a.data("server", "answer"),
          a.ack("client"),
        ];
        const server = a.server;
        const client = a.client;
        const run = await runOf([
          ...before,
          a.data("client", "reset"),
          a.data("client", "more"),
          a.data("server", "no"),
        ]);
        assert.equal(sent(run).slice(0, before.length), hex(before));
        const resets = run.out.slice(before.length).map(({ frame }) => readReset(frame, src.includes(":")));
        assert.equal(run.summary.packets.injected, resets.length);
        for (const reset of resets) {
          assert.ok(reset.valid, "checksums");
          assert.ok(reset.flags & 4, "RST");
        }
        const from = (port: number): readonly number[] =>
          resets.filter(({ sport }) => sport === port).map(({ seq }) => seq);
        assert.ok(from(40000).includes(client), "the server takes one: what it expects next");
        assert.ok(from(80).includes(server), "the client takes one: what it expects next");
        assert.is(
          resets.filter(({ toServer, sport }) => toServer !== (sport === 40000)).length,
          0,
          "link addresses",
        );
      });
  }

interface Reset {
  readonly sport: number;
  readonly seq: number;
  readonly flags: number;
  readonly toServer: boolean;
  readonly valid: boolean;
}

function readReset(frame: Buffer, six: boolean): Reset {
  const at = six ? 54 : 34;
  const tcp = frame.subarray(at, at + 20);
  const address = (offset: number): string => {
    const bytes = frame.subarray(offset, offset + (six ? 16 : 4));
    return six ? (bytes.toString("hex").match(/.{4}/g) ?? []).join(":") : bytes.join(".");
  };
  const [src, dst] = six ? [address(22), address(38)] : [address(26), address(30)];
  const head = six || internetChecksum(frame.subarray(14, 34)) === 0;
  return {
    sport: tcp.readUInt16BE(0),
    seq: tcp.readUInt32BE(4),
    flags: tcp[13] ?? 0,
    toServer: frame.subarray(0, 6).toString("hex") === "020000000002",
    valid: head && internetChecksum(pseudoHeader(src, dst, 6, 20), tcp) === 0,
  };
}

test("the worker's verdicts are late: a packet of a later millisecond leaves first", async () => {
  const a = new Connection();
  const frames = [
    ...a.handshake(),
    a.data("client", "hello"),
    a.data("client", "flow"),
    a.data("client", "more"),
  ];
  const packets = frames.map((frame, i) => ({ time: EPOCH + BigInt(i) * 2_000_000n, frame }));
  const run = await (await chainOf("ts")).run(packets);
  assert.equal(sent(run), hex(frames.slice(0, 4)));
});

test.run();
