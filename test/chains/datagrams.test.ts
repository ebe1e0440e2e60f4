// time limit: 400 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain, type ChainRun } from "../support/chain.ts";
import { Connection, icmpError, icmpFrame, reversed, udpFrame } from "../support/frames.ts";
import { EPOCH, spaced, type Timed } from "../support/made-capture.ts";
import { seeded } from "../support/random.ts";

let built: BuiltChain;

test.before(async () => {
  built = await buildChain("datagrams");
});

const A = "10.0.0.1";
const B = "10.0.0.2";
const ROUTER = "10.0.0.9";
const query = { src: A, dst: B, sport: 1111, dport: 53 };
const alone = { src: A, dst: B, sport: 2222, dport: 99 };

const at = (milliseconds: number, frame: Buffer): Timed => ({
  time: EPOCH + BigInt(milliseconds) * 1_000_000n,
  frame,
});

/** Lines of these handlers, in the order of their calls. */
const said = (run: ChainRun, ...callbacks: readonly string[]): readonly string[] =>
  run.log.filter((line) => callbacks.includes(line.split(" ")[0] ?? ""));

const sent = (run: ChainRun): readonly string[] => run.out.map(({ frame }) => frame.toString("hex"));
const hex = (frames: readonly Buffer[]): readonly string[] => frames.map((frame) => frame.toString("hex"));

const udpLife: readonly Timed[] = [
  at(0, udpFrame(query, "one")),
  at(1, udpFrame(reversed(query), "two")),
  at(2, udpFrame(alone, "alone")),
  at(150, udpFrame({ ...alone, sport: 3333 }, "late")),
];

for (const burst of [1, 32]) {
  test(`a UDP flow's start, timer or end comes at another time (burst ${burst})`, async () => {
    const run = await built.run(udpLife, { burst });
    assert.equal(said(run, "udp", "datagram", "timer"), [
      "udp 1111 start 0 1",
      "datagram 1111 1 one",
      "datagram 1111 2 two",
      "udp 2222 start 0 1",
      "datagram 2222 1 alone",
      "timer 1111 2",
      "timer 2222 1",
      "udp 2222 end 1 1", // unanswered
      "udp 1111 end 2 2",
      "udp 3333 start 0 1",
      "datagram 3333 1 late",
      "udp 3333 end 1 1", // the program ends
    ]);
    assert.equal(run.summary.flows.ended, { idle: 2, shutdown: 1 });
  });

  test(`TypeScript hears other UDP events than its filter lets pass (burst ${burst})`, async () => {
    const run = await built.run(udpLife, { burst });
    assert.equal(said(run, "dns"), ["dns 1111 start 1", "dns 1111 published 2", "dns 1111 end 3"]);
    assert.equal(said(run, "asked"), ["asked 2222 1", "asked 1111 2", "asked 3333 1"]);
  });

  test(`an ignored UDP flow is heard, or others are not (burst ${burst})`, async () => {
    const other = { ...query, sport: 1112 };
    const frames = [
      udpFrame(query, "ignore"),
      udpFrame(query, "unheard"),
      udpFrame(other, "heard"),
      udpFrame(reversed(query), "unheard"),
    ];
    const run = await built.run(spaced(frames), { burst });
    assert.equal(said(run, "datagram"), ["datagram 1111 1 ignore", "datagram 1112 1 heard"]);
    assert.equal(said(run, "udp").slice(-2), ["udp 1111 end 1 3", "udp 1112 end 1 1"]);
  });

  test(`an ICMP flow's start or end is not heard as it is (burst ${burst})`, async () => {
    const echo = { word: 0x00070001, body: "ping" };
    const run = await built.run(
      [
        at(0, icmpFrame(A, B, 8, 0, echo)),
        at(1, icmpFrame(B, A, 0, 0, echo)),
        at(2, icmpFrame("fd00::1", "fd00::2", 128, 0, { word: 0x00080001 })),
        at(100, icmpFrame(A, B, 13, 0, { word: 0x00090001 })),
      ],
      { burst },
    );
    assert.equal(said(run, "icmp"), [
      "icmp 7 start 1",
      "icmp 8 start 1",
      "icmp 8 end 1", // unanswered
      "icmp 7 end 2",
      "icmp 9 start 1",
      "icmp 9 end 1", // the program ends
    ]);
    assert.equal(said(run, "message"), [
      "message 8 of 1 7",
      "message 0 of 1 7",
      "message 128 of 58 8",
      "message 13 of 1 9",
    ]);
    assert.equal(said(run, "pinged"), ["pinged 10.0.0.1 7", "pinged fd00::1 8", "pinged 10.0.0.1 9"]);
    assert.equal(said(run, "over"), ["over 8 end", "over 7 end", "over 9 end"]);
  });

  test(`ICMP errors are matched to other flows than they quote (burst ${burst})`, async () => {
    const four = new Connection();
    const six = new Connection({ src: "fd00::1", dst: "fd00::2", sport: 40006 });
    const opened = [...four.handshake(), ...six.handshake()];
    const request = four.data("client", "request");
    const answer = six.data("server", "answer");
    const datagram = udpFrame(query, "one");
    const ping = icmpFrame(A, B, 8, 0, { word: 0x00070001 });
    const run = await built.run(
      spaced([
        ...opened,
        request,
        icmpError(ROUTER, A, 3, 4, request, { word: 1400 }),
        answer,
        icmpError("fd00::9", "fd00::2", 2, 0, answer, { word: 1280 }),
        datagram,
        icmpError(B, A, 3, 3, datagram),
        ping,
        icmpError(ROUTER, A, 11, 0, ping),
      ]),
      { burst },
    );
    assert.equal(said(run, "error"), [
      "error 1 3/4 client 1400 of 6 40000",
      "error 1 2/0 server 1280 of 6 40006",
      "error 0 3/3 client 0 of 17 1111",
      "error 2 11/0 client 0 of 1 7",
    ]);
    assert.equal(said(run, "message"), [
      "message 3 of 6 40000",
      "message 2 of 6 40006",
      "message 3 of 17 1111",
      "message 8 of 1 7",
      "message 11 of 1 7",
    ]);
    assert.equal(said(run, "failed"), ["failed 40000 1", "failed 40006 1", "failed 1111 0", "failed 7 2"]);
    assert.equal(said(run, "big"), [
      "big 40000 client too_big 3/4 1400",
      "big 40006 server too_big 2/0 1280",
    ]);
    assert.equal(said(run, "web"), ["web 40000 too_big", "web 40006 too_big"]);
  });

  test(`a forged ICMP error is taken for a true one (burst ${burst})`, async () => {
    const a = new Connection();
    const opened = a.handshake();
    const request = a.data("client", "request");
    const guessed = a.again("client", "guess", a.client + 5000);
    const run = await built.run(
      spaced([
        ...opened,
        request,
        icmpError(ROUTER, A, 3, 1, guessed),
        icmpError(ROUTER, B, 3, 1, request),
        icmpError(ROUTER, A, 3, 1, udpFrame(query, "never sent")),
        icmpError(ROUTER, A, 3, 1, request.subarray(0, 40)),
      ]),
      { burst },
    );
    assert.equal(said(run, "error"), []);
    assert.equal(said(run, "message"), new Array(4).fill("message 3 of 0 0"));
    const { counters } = run.summary;
    assert.is(counters["icmp.errors_forged"], 2);
    assert.is(counters["icmp.errors_no_flow"], 1);
    assert.is(counters["icmp.errors_unreadable"], 1);
    assert.is(counters["icmp.errors"], 0);
  });

  for (const [language, ends, word] of [
    ["C", query, "drop"],
    ["TypeScript", alone, "leave"],
  ] as const)
    test(`a dropped UDP flow passes, or an ICMP error about it does (${language}, burst ${burst})`, async () => {
      const before = udpFrame(ends, "one");
      const after = [
        udpFrame(ends, word),
        udpFrame(reversed(ends), "two"),
        udpFrame(ends, "three"),
        icmpError(B, A, 3, 3, before),
      ];
      const others = [udpFrame({ ...ends, sport: 5 }, "other"), icmpFrame(A, B, 8, 0)];
      const run = await built.run(spaced([before, ...after, ...others]), { burst });
      assert.equal(sent(run), hex([before, ...others]));
      assert.equal(run.summary.packets.dropped, { flow: after.length });
    });

  test(`a dropped ICMP flow passes (burst ${burst})`, async () => {
    const ping = icmpFrame(A, B, 8, 0, { word: 0x00070001, body: "ping" });
    const other = icmpFrame(A, B, 8, 0, { word: 0x00080001, body: "ping" });
    const run = await built.run(
      spaced([
        ping,
        icmpFrame(A, B, 8, 0, { word: 0x00070002, body: "drop" }),
        icmpFrame(B, A, 0, 0, { word: 0x00070002, body: "drop" }),
        icmpError(ROUTER, A, 11, 0, ping),
        other,
      ]),
      { burst },
    );
    assert.equal(sent(run), hex([ping, other]));
  });
}

/** Datagrams, queries and errors about them at random, over a few flows. */
function traffic(seed: number): readonly Timed[] {
  const random = seeded(seed);
  const packets: Timed[] = [];
  let time = EPOCH;
  while (packets.length < 300) {
    const ends = { ...query, sport: 1000 + random(6) };
    const turned = random(3) === 0 ? reversed(ends) : ends;
    const words = ["one", "two", "ignore", random(8) === 0 ? "drop" : "three"];
    const datagram = udpFrame(turned, words[random(words.length)] ?? "");
    const word = ((1 + random(4)) << 16) | random(9);
    const [from, to, type] = random(2) === 0 ? [A, B, 8] : [B, A, 0];
    const ping = icmpFrame(from, to, type, 0, { word, body: random(30) === 0 ? "drop" : "ping" });
    const kind = random(10);
    if (kind < 5) packets.push({ time, frame: datagram });
    else if (kind < 8) packets.push({ time, frame: ping });
    else if (kind < 9) packets.push({ time, frame: icmpError(ROUTER, turned.src, 3, random(16), datagram) });
    else packets.push({ time, frame: icmpError(ROUTER, from, 11, 0, ping) });
    time += random(12) === 0 ? BigInt(random(30_000_000)) : BigInt(1 + random(9_000));
  }
  return packets;
}

const byFlow = (lines: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const line of lines) {
    const [word = "", ...rest] = line.split(" ");
    const port = word === "error" || word === "message" ? rest[rest.length - 1] : rest[0];
    const key = `${word} ${port}`;
    found.set(key, [...(found.get(key) ?? []), line]);
  }
  return found;
};

for (const seed of [1, 2, 3])
  test(`what is heard and what leaves differs between bursts of 1, 2, 32 and 256 (seed ${seed})`, async () => {
    const packets = traffic(seed);
    const single = await built.run(packets, { burst: 1 });
    const calls = byFlow(single.log);
    assert.ok(
      [...calls.keys()].some((key) => key.startsWith("error")),
      "errors are matched",
    );
    for (const burst of [2, 32, 256]) {
      const run = await built.run(packets, { burst });
      assert.equal([...byFlow(run.log)].sort(), [...calls].sort(), `calls, burst ${burst}`);
      assert.equal([...sent(run)].sort(), [...sent(single)].sort(), `frames, burst ${burst}`);
      assert.equal(run.summary.counters, single.summary.counters, `counters, burst ${burst}`);
      assert.equal(run.summary.nfs, single.summary.nfs, `functions, burst ${burst}`);
    }
  });

test.run();
