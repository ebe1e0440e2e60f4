/** Packets that begin a flow each, or none at all, from random sources. */
import { type Random, randomFrom } from "../../../bench/trace/random.ts";
import { ACK, type Path, RST, SYN, type Tape } from "./tape.ts";
import { Witnesses } from "./witnesses.ts";

const TARGET = 0x0a00_0001; // 10.0.0.1
const TARGET_PORT = 80;
const SEED = 20_260;

/** One packet of an attack. */
export type Shot = (tape: Tape, path: Path, random: Random, number: number) => void;

const SOME = Buffer.from("GET / HTTP/1.1\r\nHost: attacked.example\r\n\r\n");

export const shots = {
  syn: (tape, path, random) => tape.tcp(path, random(), 0, SYN),
  /** Answers to connections that nobody began. */
  synAck: (tape, path, random) => tape.tcp(path, random(), random(), SYN | ACK),
  ack: (tape, path, random) => tape.tcp(path, random(), random(), ACK),
  rst: (tape, path, random) => tape.tcp(path, random(), 0, RST),
  /** Data of connections that were never seen to begin: each is picked up. */
  data: (tape, path, random) => tape.tcp(path, random(), random(), ACK, SOME),
  /** SYN, and data that no ACK came before. */
  halfOpenData: (tape, path, _random, number) => {
    tape.tcp(path, number, 0, SYN);
    tape.tcp(path, number + 1, 1, ACK, SOME);
  },
  udp: (tape, path) => tape.udp(path, SOME),
} satisfies Record<string, Shot>;

/** The first piece of a datagram whose rest never comes. */
const fragment: Shot = (tape, path, _random, number) =>
  tape.fragment(path, number, 17, 0, true, SOME.subarray(0, 40));

const LAST_PIECE = 60_000;
const PIECE = 8;
const STUBBORN = 8;

/** Of every two one is of a few datagrams that come in pieces of 8 bytes, backwards, and never get their first. */
export const fragments: Shot = (tape, path, random, number) => {
  if (number % 2 === 0) return fragment(tape, path, random, number);
  const datagram = (number >>> 1) % STUBBORN;
  const turn = Math.floor((number >>> 1) / STUBBORN);
  const at = LAST_PIECE - PIECE * (turn % (LAST_PIECE / PIECE - 1));
  const stubborn = { ...path, from: TARGET + 1 + datagram };
  tape.fragment(stubborn, datagram, 17, at, at < LAST_PIECE, SOME.subarray(0, PIECE));
};

const anywhere = (random: Random): Path => ({
  from: random(),
  to: TARGET,
  fromPort: 1024 + (random() % 60_000),
  toPort: TARGET_PORT,
});

export interface Flood {
  readonly count: number;
  readonly shot: Shot;
  readonly witnesses: number;
  /** Segments of each witness; spread evenly over the flood. */
  readonly segments: number;
}

/** The witnesses' connections stand before the flood begins and end after it. */
export function* flood(tape: Tape, { count, shot, witnesses: honest, segments }: Flood): Generator<void> {
  const random = randomFrom(SEED);
  const witnesses = new Witnesses(tape, honest, segments);
  const every = Math.max(1, Math.floor(count / Math.max(1, witnesses.steps)));
  yield* witnesses.open();
  for (let i = 0; i < count; i++) {
    shot(tape, anywhere(random), random, i);
    if (i % every === 0) witnesses.step();
    yield;
  }
  yield* witnesses.close();
}
