// time limit: 400 s
/**
 * With `unheard drop` no byte reaches the server that the function has not heard: ways
 * around the monitor one by one, and random connections with all of them mixed.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain, type ChainRun } from "../support/chain.ts";
import { Connection, type SegmentTraits, tcpFrame } from "../support/frames.ts";
import { spaced, type Timed } from "../support/made-capture.ts";
import { type Random, seeded } from "../support/random.ts";

const GUARDED = 80;
const SMALL = 81;
const OPEN = 82;

let known: BuiltChain | undefined;

async function built(): Promise<BuiltChain> {
  known ??= await buildChain("unheard");
  return known;
}

/** A frame of the client with anything that `traits` says otherwise. */
const client = (one: Connection, traits: SegmentTraits): Buffer =>
  tcpFrame(one.ends, { seq: one.client, ack: one.server, flags: "PA", ...traits });

const server = (one: Connection, traits: SegmentTraits): Buffer => {
  const { src, dst, sport, dport } = one.ends;
  const back = { src: dst, dst: src, sport: dport, dport: sport };
  return tcpFrame(back, { seq: one.server, ack: one.client, flags: "A", ...traits });
};

const EVIL = { payload: "EVIL" };

/** What goes before EVIL, and EVIL. */
const ways: readonly (readonly [string, (one: Connection) => readonly Buffer[]])[] = [
  [
    "behind a FIN that dies behind us",
    (one) => [client(one, { flags: "FA", ttl: 1 }), one.data("client", "EVIL")],
  ],
  [
    "behind a reset that dies behind us",
    (one) => [client(one, { flags: "R", ttl: 1 }), one.data("client", "EVIL")],
  ],
  ["behind a forged reset", (one) => [server(one, { flags: "R" }), one.data("client", "EVIL")]],
  [
    "as a copy with an old ACK",
    (one) => [
      one.data("server", "s".repeat(20)),
      one.ack("client"),
      one.data("client", "aaaa"),
      client(one, { ...EVIL, seq: 1001, ack: 4000 }),
    ],
  ],
  [
    "early, with an old ACK",
    (one) => [
      one.data("server", "s".repeat(20)),
      one.ack("client"),
      client(one, { ...EVIL, seq: 1005, ack: 4000 }),
    ],
  ],
  ["with an ACK of what was never sent", (one) => [client(one, { ...EVIL, ack: 9000 })]],
  ["far right of the window", (one) => [client(one, { ...EVIL, seq: 1001 + 200_000 })]],
  [
    "as a copy that reaches beyond a FIN",
    (one) => [one.data("client", "EV"), client(one, { flags: "FA" }), client(one, { ...EVIL, seq: 1001 })],
  ],
  [
    "as a copy of early bytes",
    (one) => [
      client(one, { payload: "good", seq: 1005 }),
      client(one, { ...EVIL, seq: 1005 }),
      client(one, { payload: "abcd" }),
    ],
  ],
];

const leftEvil = (run: ChainRun, port: number): readonly number[] =>
  run.out
    .filter(({ frame }) => frame.readUInt16BE(36) === port && frame.includes("EVIL"))
    .map(({ frame }) => frame.readUInt16BE(34));

/** Runs the same for both words; EVIL has to leave for `forward`: else the test shows nothing. */
async function leavesOnlyFrom(make: (port: number) => readonly Timed[]): Promise<void> {
  for (const burst of [1, 32]) {
    const open = await (await built()).run(make(OPEN), { burst });
    assert.ok(leftEvil(open, OPEN).length > 0, "EVIL leaves where nothing forbids it");
    assert.is(open.summary.packets.dropped.unheard ?? 0, 0);
    const run = await (await built()).run(make(SMALL), { burst });
    assert.equal(leftEvil(run, SMALL), []);
    assert.ok((run.summary.packets.dropped.unheard ?? 0) > 0);
    assert.not(run.log.some((line) => line.includes("EVIL")));
  }
}

for (const [way, sends] of ways)
  test(`bytes leave unheard ${way}`, async () => {
    await leavesOnlyFrom((dport) => {
      const one = new Connection({ dport });
      return spaced([...one.handshake(), ...sends(one)]);
    });
  });

test("next bytes leave unheard with an old ACK, though the host's header prediction takes them", async () => {
  for (const port of [OPEN, SMALL])
    for (const burst of [1, 32]) {
      const one = new Connection({ dport: port });
      const answered = [one.data("server", "s".repeat(20)), one.ack("client")];
      const frames = [...one.handshake(), ...answered, client(one, { ...EVIL, ack: 4000 })];
      const run = await (await built()).run(spaced(frames), { burst });
      assert.is(leftEvil(run, port).length, 1);
      assert.ok(run.log.some((line) => line.includes("EVIL")));
    }
});

test("bytes leave unheard with a SYN", async () => {
  await leavesOnlyFrom((dport) => {
    const one = new Connection({ dport });
    return spaced([client(one, { ...EVIL, flags: "S", ack: 0 })]);
  });
});

test("early bytes leave that found no memory, though nobody can compare their copies", async () => {
  const frames = (dport: number): readonly Timed[] => {
    const [large, late, ...others] = Array.from(
      { length: 13 },
      (_, i) => new Connection({ sport: 20_000 + i, dport }),
    ) as [Connection, Connection, ...Connection[]];
    const all = [large, late, ...others];
    return spaced([
      ...all.flatMap((one) => one.handshake()),
      client(large, { payload: "y".repeat(20_000), seq: large.client + 1 }),
      ...others.map((one) => client(one, { payload: "z", seq: one.client + 10 })),
      client(late, { payload: `${"x".repeat(20_000)}EVIL`, seq: late.client + 1 }),
    ]);
  };
  for (const port of [OPEN, SMALL])
    for (const burst of [1, 32]) {
      const run = await (await built()).run(frames(port), { burst });
      assert.equal(leftEvil(run, port), []);
      assert.ok((run.summary.packets.dropped.unkept ?? 0) > 0);
      assert.not(run.log.some((line) => line.includes("EVIL")));
    }
});

// ---- random connections ----

const CONNECTIONS = 300;
const STREAM = 40;
const FIRST_PORT = 10_000;
const ISN = 1000;

const stream = Array.from({ length: STREAM }, (_, i) => String.fromCharCode(97 + (i % 26))).join("");

function piece(random: Random): readonly [number, string] {
  const from = random(STREAM);
  const bytes = stream.slice(from, from + 1 + random(12));
  if (random(3) > 0) return [from, bytes];
  const at = random(bytes.length);
  return [from, bytes.slice(0, at) + (["X", "#", "?"][random(3)] ?? "#") + bytes.slice(at + 1)];
}

/** A segment of the client, refused or not: numbers, flags and acknowledgements of all kinds. */
function segment(one: Connection, random: Random): Buffer {
  const [from, payload] = piece(random);
  const seq = ISN + 1 + from;
  switch (random(16)) {
    case 0:
      return client(one, { seq, flags: ["FA", "FA", "RA", "", "F", "PAU"][random(6)] ?? "" });
    case 1:
      return client(one, { seq, payload, flags: ["FA", "FA", "R", "", "P", "PAU"][random(6)] ?? "" });
    case 2:
      return client(one, { seq, payload, ack: one.server + ([-3000, -1, 1][random(4)] ?? 5000) });
    case 3:
      return client(one, { seq: seq + random(200_000) - 100_000, payload });
    case 4:
      return random(8) === 0 ? server(one, { flags: "R" }) : one.data("server", "yes");
    default:
      return client(one, { seq, payload });
  }
}

function conversations(seed: number): readonly Buffer[] {
  const random = seeded(seed);
  const all = Array.from({ length: CONNECTIONS }, (_, i) => {
    const one = new Connection({ sport: FIRST_PORT + i, dport: GUARDED }, [ISN, 5000]);
    const frames = [...one.handshake()];
    for (let n = 10 + random(30); n > 0; n--) frames.push(segment(one, random));
    return frames;
  });
  const mixed: Buffer[] = [];
  for (let live = all; live.length > 0; live = live.filter((frames) => frames.length > 0))
    mixed.push(...(live[random(Math.min(live.length, 8))]?.splice(0, 1 + random(3)) ?? []));
  return mixed;
}

type Copies = ReadonlyMap<number, ReadonlySet<string>>;

function noted(at: number, bytes: Iterable<string>, copies: Map<number, Set<string>>): void {
  let offset = at;
  for (const letter of bytes) {
    copies.set(offset, (copies.get(offset) ?? new Set()).add(letter));
    offset++;
  }
}

const copiesOf = (flows: Map<number, Map<number, Set<string>>>, port: number): Map<number, Set<string>> => {
  const copies = flows.get(port) ?? new Map<number, Set<string>>();
  flows.set(port, copies);
  return copies;
};

/** All values of each byte that were heard, and all that left, by the client's port. */
function seenOf(run: ChainRun): { readonly heard: Map<number, Copies>; readonly left: Map<number, Copies> } {
  const heard = new Map<number, Map<number, Set<string>>>();
  const left = new Map<number, Map<number, Set<string>>>();
  for (const line of run.log) {
    const [port, offset, bytes = ""] = line.split(" ");
    noted(Number(offset), bytes, copiesOf(heard, Number(port)));
  }
  for (const { frame } of run.out) {
    if (frame.readUInt16BE(36) !== GUARDED) continue;
    const payload = frame.toString("latin1", 54, 14 + frame.readUInt16BE(16));
    noted(frame.readUInt32BE(38) - ISN - 1, payload, copiesOf(left, frame.readUInt16BE(34)));
  }
  return { heard, left };
}

/** How far the server can read, whatever of this it got. */
function readable(left: Copies): number {
  let reached = 0;
  while (left.has(reached)) reached++;
  return reached;
}

for (const [burst, seed] of [
  [1, 1],
  [32, 2],
  [256, 3],
] as const)
  test(`a byte leaves that was not heard with its value (burst ${burst})`, async () => {
    const run = await (await built()).run(spaced(conversations(seed)), { burst });
    assert.ok((run.summary.packets.dropped.unheard ?? 0) > 100);
    const { heard, left } = seenOf(run);
    let bytes = 0;
    for (const [port, copies] of left) {
      const end = readable(copies);
      for (const [at, values] of copies) {
        // Before the first byte, the server has acknowledged all.
        if (at < 0) continue;
        const said = [...(heard.get(port)?.get(at) ?? [])];
        if (at < end || said.length > 0)
          assert.equal(said, [...values], `${port}: byte ${at} of ${end} that can be read`);
        assert.is(values.size, 1, `${port}: copies of byte ${at} that left`);
        bytes++;
      }
    }
    assert.ok(bytes > CONNECTIONS * 5, `${bytes} bytes left`);
  });

test("bursts change what leaves", async () => {
  const perFlow = (run: ChainRun): readonly string[] =>
    [...run.log].sort((a, b) => Number(a.split(" ")[0]) - Number(b.split(" ")[0]));
  const frames = spaced(conversations(4));
  const reference = await (await built()).run(frames, { burst: 1 });
  for (const burst of [2, 32, 256]) {
    const run = await (await built()).run(frames, { burst });
    assert.equal(
      run.out.map(({ frame }) => frame.toString("hex")),
      reference.out.map(({ frame }) => frame.toString("hex")),
    );
    assert.equal(perFlow(run), perFlow(reference));
    assert.equal(run.summary.packets.dropped, reference.summary.packets.dropped);
  }
});

test.run();
