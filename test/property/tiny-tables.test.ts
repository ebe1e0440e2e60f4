// time limit: 300 s
// A table of one, two or eight flows, and bursts that begin many more: who is
// evicted, and what is heard before, does not depend on how packets fall into bursts.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain, type ChainRun } from "../support/chain.ts";
import { Connection, udpFrame } from "../support/frames.ts";
import { EPOCH, type Timed } from "../support/made-capture.ts";
import { type Random, seeded } from "../support/random.ts";

/** Server port, and flows that its chain has room for. */
const TABLES: readonly (readonly [number, number])[] = [
  [8001, 1],
  [8002, 2],
  [8008, 8],
];
const BURSTS = [1, 2, 3, 7, 32, 255, 256];
const PACKETS = 1500;

let built: BuiltChain;

test.before(async () => {
  built = await buildChain("tiny");
});

/** A few flows that live on, and many that come once. */
function frameOf(random: Random, open: Map<number, Connection>): Buffer {
  const [dport] = TABLES[random(TABLES.length)] ?? [8001];
  const sport = random(3) === 0 ? 20_000 + random(20_000) : 10_000 + random(6);
  if (random(4) === 0)
    return udpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport, dport }, "x".repeat(random(9)));
  const key = dport * 65_536 + sport;
  const known = open.get(key);
  const c = known ?? new Connection({ sport, dport }, [random(1_000_000), random(1_000_000)]);
  const [syn = Buffer.alloc(0), ...rest] = known === undefined ? c.handshake() : [];
  open.set(key, c);
  if (known === undefined) return random(3) > 0 ? syn : (rest[random(2)] ?? syn);
  const kind = random(12);
  if (kind === 0) open.delete(key);
  if (kind === 0) return c.reset("client");
  return kind < 9 ? c.data(random(2) === 0 ? "client" : "server", `word ${kind} `) : c.ack("server");
}

/** Most of it in one tick, as a flood is. */
function traffic(seed: number): readonly Timed[] {
  const random = seeded(seed);
  const open = new Map<number, Connection>();
  let time = EPOCH;
  return Array.from({ length: PACKETS }, () => {
    time += random(200) === 0 ? BigInt(random(5_000_000)) : BigInt(1 + random(500));
    return { time, frame: frameOf(random, open) };
  });
}

const linesOf = (run: ChainRun, port: number): readonly string[] =>
  run.log.filter((line) => line.startsWith(`${port} `));

function mostAtOnce(lines: readonly string[]): number {
  let now = 0;
  let most = 0;
  for (const line of lines) {
    now += /^\d+ start /.test(line) ? 1 : /^\d+ end /.test(line) ? -1 : 0;
    most = Math.max(most, now);
  }
  return most;
}

for (const seed of [1, 2, 3])
  test(`a table this small has more flows than it may, or hears others in longer bursts (seed ${seed})`, async () => {
    const packets = traffic(seed);
    const single = await built.run(packets, { burst: 1 });
    for (const [port, flows] of TABLES) assert.is(mostAtOnce(linesOf(single, port)), flows, `${port}`);
    assert.ok(Number(single.summary.counters["flows.ended_evicted"]) > PACKETS / 4);
    assert.is(single.summary.counters["flows.table_full"], 0);
    for (const burst of BURSTS.slice(1)) {
      const run = await built.run(packets, { burst });
      for (const [port] of TABLES) assert.equal(linesOf(run, port), linesOf(single, port), `burst ${burst}`);
      assert.equal(run.summary.counters, single.summary.counters, `counters, burst ${burst}`);
    }
  });

test.run();
