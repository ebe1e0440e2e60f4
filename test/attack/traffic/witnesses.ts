/**
 * Connections of honest people, amid an attack. What each sends is known byte
 * for byte (chains/witness.c computes the same), so that one lost or moved byte
 * shows.
 */
import { ACK, FIN, type Path, SYN, type Tape, turned } from "./tape.ts";

/** 10.99.0.1: chains/witness.c knows them by it. */
const SERVER = 0x0a63_0001;
const CLIENTS = 0x0a62_0000; // 10.98.0.0/16
const PORT = 4433;
const FIRST_PORT = 20_000;
const SEGMENT = 100;
/** Every so many segments two arrive in the other order. */
const SWAP_EVERY = 8;

interface Witness {
  readonly path: Path;
  readonly back: Path;
  readonly isn: number;
  readonly peer: number;
  /** Segments that were sent. */
  sent: number;
}

export class Witnesses {
  readonly #all: readonly Witness[];
  readonly #tape: Tape;
  readonly #segments: number;
  readonly #payload = Buffer.alloc(SEGMENT);
  #next = 0;

  /** Each sends `segments` segments in all. */
  constructor(tape: Tape, count: number, segments: number) {
    this.#tape = tape;
    this.#segments = segments;
    this.#all = Array.from({ length: count }, (_, i) => {
      const path = { from: CLIENTS + i, to: SERVER, fromPort: FIRST_PORT + (i % 40_000), toPort: PORT };
      return {
        path,
        back: turned(path),
        isn: (i * 2_654_435_761) >>> 0,
        peer: (i * 40_503_001) >>> 0,
        sent: 0,
      };
    });
  }

  get count(): number {
    return this.#all.length;
  }

  /** Calls of `step` until all has been sent. */
  get steps(): number {
    const swaps = Math.floor((this.#segments + SWAP_EVERY - 3) / SWAP_EVERY);
    return this.count * (this.#segments - swaps);
  }

  /** All handshakes. */
  *open(): Generator<void> {
    for (const { path, back, isn, peer } of this.#all) {
      this.#tape.tcp(path, isn, 0, SYN);
      this.#tape.tcp(back, peer, isn + 1, SYN | ACK);
      this.#tape.tcp(path, isn + 1, peer + 1, ACK);
      yield;
    }
  }

  /** Some segments of the next one in turn, and their acknowledgement. Nothing when all has been sent. */
  step(): void {
    const w = this.#all[this.#next];
    if (w === undefined || w.sent >= this.#segments) return;
    this.#next = (this.#next + 1) % this.#all.length;
    const swaps = w.sent % SWAP_EVERY === 1 && w.sent + 1 < this.#segments;
    if (swaps) this.#send(w, w.sent + 1);
    this.#send(w, w.sent);
    w.sent += swaps ? 2 : 1;
    this.#tape.tcp(w.back, w.peer + 1, w.isn + 1 + w.sent * SEGMENT, ACK);
  }

  /** What is left, then both sides close. */
  *close(): Generator<void> {
    while (this.#all.some((w) => w.sent < this.#segments)) {
      this.step();
      yield;
    }
    const end = 1 + this.#segments * SEGMENT;
    for (const { path, back, isn, peer } of this.#all) {
      this.#tape.tcp(path, isn + end, peer + 1, FIN | ACK);
      this.#tape.tcp(back, peer + 1, isn + end + 1, FIN | ACK);
      this.#tape.tcp(path, isn + end + 1, peer + 2, ACK);
      yield;
    }
  }

  /** The stream's length in its first four bytes, then a pattern of position and port. */
  #send({ path, isn, peer }: Witness, number: number): void {
    const from = number * SEGMENT;
    for (let i = 0; i < SEGMENT; i++) this.#payload[i] = ((from + i) * 7 + path.fromPort) & 0xff;
    if (number === 0) this.#payload.writeUInt32LE(this.#segments * SEGMENT, 0);
    this.#tape.tcp(path, isn + 1 + from, peer + 1, ACK, this.#payload);
  }
}
