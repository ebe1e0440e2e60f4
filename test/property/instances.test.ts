// time limit: 400 s
// What handlers are called with for a flow, what they decide and what leaves does not
// depend on how many instances of the dataplane the flows are shared out to.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain, type ChainRun } from "../support/chain.ts";
import { fragments } from "../support/fragments.ts";
import { icmpError, icmpFrame, reversed, udpFrame } from "../support/frames.ts";
import { framesByFlow, groups, nfAndFlow, PACKETS, same, traffic } from "../support/invariance.ts";
import { spaced, type Timed } from "../support/made-capture.ts";
import { type Random, seeded } from "../support/random.ts";

const SEEDS = Array.from({ length: 4 }, (_, i) => i + 1);
const HOSTS = 12;
/** Room for every flow in one instance: who is evicted depends on their number. */
const ROOM = ["all.flows=4096", "all.buffer=8MB"];

/** How packets are shared out, and settings that ask for it. */
const SHARED: readonly (readonly [string, readonly string[]])[] = [
  ["2 instances, by addresses", ["all.cores=2"]],
  ["3 instances, by addresses and ports", ["all.cores=3", "all.fragments=0"]],
];

let single: BuiltChain;
const several = new Map<string, BuiltChain>();

test.before(async () => {
  single = await buildChain("invariance", ROOM);
  for (const [how, settings] of SHARED)
    several.set(how, await buildChain("invariance", [...ROOM, ...settings]));
});

const builtFor = (how: string): BuiltChain => several.get(how) ?? single;

function compare(how: string, one: ChainRun, other: ChainRun): void {
  same(`calls, ${how}`, groups(one.log, nfAndFlow), groups(other.log, nfAndFlow));
  same(`frames, ${how}`, framesByFlow(one), framesByFlow(other));
  assert.equal(other.summary.packets, one.summary.packets, `packets, ${how}`);
  assert.equal(other.summary.flows, one.summary.flows, `flows, ${how}`);
  assert.equal(other.summary.nfs, one.summary.nfs, `functions, ${how}`);
  assert.equal(other.summary.counters, one.summary.counters, `counters, ${how}`);
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(random(rest.length), 1));
}

/** Every sixth packet in fragments, in any order. */
function cutUp(packets: readonly Timed[], random: Random): readonly Timed[] {
  return packets.flatMap(({ time, frame }, id) =>
    random(6) > 0
      ? [{ time, frame }]
      : shuffled(fragments(frame, id, 16), random).map((part, i) => ({
          time: time + BigInt(i),
          frame: part,
        })),
  );
}

/** Flows of UDP and of queries between many pairs of hosts; a router says what became of some. */
function datagrams(seed: number): readonly Timed[] {
  const random = seeded(seed);
  const frames = Array.from({ length: 400 }, () => {
    const i = random(20);
    const ends = {
      src: `10.1.${i}.1`,
      dst: `10.2.${i}.1`,
      sport: 20_000 + i,
      dport: random(2) === 0 ? 53 : 99,
    };
    const asked = udpFrame(ends, "x".repeat(random(60)));
    const word = ((20_000 + i) << 16) | 1;
    switch (random(6)) {
      case 0:
        return [icmpFrame(ends.src, ends.dst, 8, 0, { word, body: "ping" })];
      case 1:
        return [icmpError("10.9.9.9", ends.src, 3, 1, asked)];
      case 2:
        return [udpFrame(reversed(ends), "answer")];
      case 3:
        return shuffled(fragments(asked, random(60_000), 16), random);
      default:
        return [asked];
    }
  });
  return spaced(frames.flat());
}

for (const [how] of SHARED)
  test(`calls, verdicts or frames of a flow differ between one instance and ${how}`, async () => {
    const used = new Set<number>();
    for (const seed of SEEDS) {
      const packets = traffic(seed, HOSTS);
      const one = await single.run(packets);
      assert.ok(one.log.length > PACKETS, "the traffic causes calls");
      for (const burst of [1, 256]) {
        const other = await builtFor(how).run(packets, { burst });
        compare(`${how}, seed ${seed}, burst ${burst}`, one, other);
        const instances = other.summary.instances ?? [];
        for (const [number, { packets: had }] of instances.entries()) if (had.in > 0) used.add(number);
        const sum = instances.reduce((all, { packets: had }) => all + had.in, 0);
        assert.is(sum, packets.length, "instances' packets are all packets");
      }
    }
    assert.equal([...used].sort(), how.startsWith("2") ? [0, 1] : [0, 1, 2], "every instance has flows");
  });

test("fragments of a datagram or of a flow reach another instance than their flow", async () => {
  const how = "2 instances, by addresses";
  for (const seed of [1, 2, 3]) {
    const packets = cutUp(traffic(seed, HOSTS), seeded(seed));
    const one = await single.run(packets);
    assert.ok(Number(one.summary.counters["fragments.completed"]) > 20, "datagrams are put together");
    for (const burst of [1, 32]) compare(`seed ${seed}`, one, await builtFor(how).run(packets, { burst }));
  }
});

for (const cores of [2, 3])
  test(`datagrams, queries and errors about flows differ with ${cores} instances and workers`, async () => {
    const room = ["all.flows=4096"];
    const one = await (await buildChain("datagrams", room)).run(datagrams(5));
    const other = await (await buildChain("datagrams", [...room, `all.cores=${cores}`])).run(datagrams(5));
    assert.ok(["error ", "dns "].every((word) => one.log.some((line) => line.startsWith(word))));
    same("calls", groups(inOrder(one.log), wordAndFlow), groups(inOrder(other.log), wordAndFlow));
    assert.equal(other.summary.counters, one.summary.counters);
    assert.equal(other.summary.nfs, one.summary.nfs);
  });

const PORT = /\b2\d{4}\b/;
const wordAndFlow = (line: string): string => `${line.split(" ")[0]} ${PORT.exec(line)?.[0]}`;

/** Where an answer began the flow, the port in its lines is of many flows: they have no order. */
const inOrder = (log: readonly string[]): readonly string[] => [
  ...log.filter((line) => PORT.test(line)),
  ...log.filter((line) => !PORT.test(line)).sort(),
];

/** Lines name flows by what is the same in every lap: their order among laps says nothing. */
const sorted = (run: ChainRun): ChainRun => ({ ...run, log: [...run.log].sort() });

test("a capture that is played in laps differs between one instance and several", async () => {
  const packets = traffic(77, HOSTS);
  // Unless frames are written, each instance has its part of the capture in memory.
  for (const written of [true, false]) {
    const one = await single.run(packets, { laps: 5, written });
    for (const [how] of SHARED) {
      const other = await builtFor(how).run(packets, { laps: 5, written });
      compare(`5 laps, ${written ? "" : "not "}written, ${how}`, sorted(one), sorted(other));
    }
  }
});

test.run();
