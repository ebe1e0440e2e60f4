/** Traffic for the chain `invariance`, and what is compared of two runs of it. */
import * as assert from "uvu/assert";
import type { ChainRun } from "./chain.ts";
import { Connection } from "./frames.ts";
import { EPOCH, type Timed } from "./made-capture.ts";
import { type Random, seeded } from "./random.ts";

export const PACKETS = 300;
const HOSTS = 3;
/** Letters that handlers look for are rare among the others. */
const LETTERS = "abcefghjklnopqsuvwymmmmidtz";

function payload(random: Random): string {
  const letters = Array.from({ length: 1 + random(24) }, () => LETTERS[random(LETTERS.length)]);
  if (random(60) === 0) letters.push("x");
  if (random(40) === 0) letters.push("r");
  return letters.join("");
}

/** Frames of one connection, in order of sending. */
function connectionFrames(random: Random, sport: number, hosts: number): readonly Buffer[] {
  const host = 1 + random(hosts);
  // A log names one end of a flow: where there are many hosts, either end is of one flow only.
  const server = hosts > HOSTS ? { dst: `10.0.1.${host}`, dport: sport - 30_000 } : {};
  const connection = new Connection({ src: `10.0.0.${host}`, sport, ...server }, [
    random(2) === 0 ? 0xffffff00 : random(1_000_000),
    random(1_000_000),
  ]);
  const frames = random(8) === 0 ? [] : [...connection.handshake()];
  const count = 2 + random(14);
  for (let i = 0; i < count; i++) {
    const from = random(3) === 0 ? "server" : "client";
    const seq = connection[from];
    const bytes = payload(random);
    frames.push(connection.data(from, bytes));
    const again = random(10);
    if (again === 0) frames.push(connection.again(from, bytes, seq));
    if (again === 1) frames.push(connection.again(from, payload(random), seq));
    if (again === 2 && bytes.length > 3) frames.push(connection.again(from, `${bytes.slice(2)}w`, seq + 2));
    if (random(3) === 0) frames.push(connection.ack(from === "client" ? "server" : "client"));
  }
  const end = random(5);
  if (end === 0) frames.push(connection.reset(random(2) === 0 ? "client" : "server"));
  else if (end < 4) frames.push(...connection.close());
  return frames;
}

/** Several connections at once: interleaved, reordered, some lost unless all are seen, ports used again. */
export function traffic(seed: number, hosts = HOSTS, allSeen = false): readonly Timed[] {
  const random = seeded(seed);
  const live: (readonly Buffer[])[] = [];
  const packets: Timed[] = [];
  let time = EPOCH;
  while (packets.length < PACKETS) {
    while (live.length < 4) live.push(connectionFrames(random, 40_000 + random(6), hosts));
    const at = random(live.length);
    const [next, ...rest] = live[at] ?? [];
    if (next === undefined) {
      live.splice(at, 1);
      continue;
    }
    const swapped = rest[0] !== undefined && random(8) === 0;
    live[at] = swapped ? [next, ...rest.slice(1)] : rest;
    if (allSeen || random(40) !== 0) packets.push({ time, frame: swapped && rest[0] ? rest[0] : next });
    if (swapped) packets.push({ time: time + 1n, frame: next });
    if (swapped) live[at] = rest.slice(1);
    time += random(30) === 0 ? BigInt(random(8_000_000)) : BigInt(2 + random(9_000));
    if (random(150) === 0) time += 30_000_000n;
  }
  return packets;
}

export const groups = (
  lines: readonly string[],
  key: (line: string) => string,
): ReadonlyMap<string, string[]> => {
  const found = new Map<string, string[]>();
  for (const line of lines) found.set(key(line), [...(found.get(key(line)) ?? []), line]);
  return found;
};

/** `second packet 1.40003 …`: the NF and the flow. */
export const nfAndFlow = (line: string): string => line.replace(/^(\w+) \w+ ([\d.]+) .*$/, "$1 $2");

const portsOf = ({ frame }: Timed): string => frame.subarray(26, 38).toString("hex");

export function same<T>(what: string, one: ReadonlyMap<string, T[]>, other: ReadonlyMap<string, T[]>): void {
  assert.equal([...other.keys()].sort(), [...one.keys()].sort(), what);
  for (const [key, items] of one) assert.equal(other.get(key), items, `${what}: ${key}`);
}

export const framesByFlow = (run: ChainRun): ReadonlyMap<string, string[]> => {
  const found = new Map<string, string[]>();
  for (const packet of run.out) {
    const key = portsOf(packet);
    found.set(key, [...(found.get(key) ?? []), packet.frame.toString("hex")]);
  }
  return found;
};
