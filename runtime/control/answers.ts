/** The worker's producer side of the answer ring. */
import type { RingViews } from "./nf-module.ts";
import { RING_DATA_OFFSET, RING_FILLER, ringCapacity, WORD_HEAD, WORD_SLEEPING, WORD_TAIL } from "./ring.ts";

/** Thrown by `reserve` when no lcore takes answers any more. */
export class ProgramEnded extends Error {
  constructor() {
    super("the program has ended: nothing can be sent to the dataplane any more");
  }
}

/** What the ring needs of the dataplane. */
export interface AnswerPort {
  wake(): void;
  /** False: no lcore drains the ring any more. */
  waitForRoom(): boolean;
}

/**
 * Indices are int32 throughout, so that they stay small integers: V8 would box
 * an unsigned one above 2^31.
 */
export class AnswerRing {
  readonly #views: RingViews;
  readonly #port: AnswerPort;
  readonly #capacity: number;
  readonly #mask: number;
  #head: number;
  /** Where the lcore was when it was last looked at. */
  #tail: number;
  #published: number;

  constructor(views: RingViews, port: AnswerPort) {
    this.#views = views;
    this.#port = port;
    this.#capacity = ringCapacity(views);
    this.#mask = this.#capacity - 1;
    this.#head = Atomics.load(views.i32, WORD_HEAD);
    this.#tail = Atomics.load(views.i32, WORD_TAIL);
    this.#published = this.#head;
  }

  /** See `NfHost.reserve`. */
  reserve(slots: number): number {
    const left = this.#capacity - (this.#head & this.#mask);
    const cost = left < slots ? left + slots : slots;
    if (this.#used() + cost > this.#capacity) this.#makeRoom(cost);
    if (left < slots) this.#writeFiller(left);
    const base = RING_DATA_OFFSET + ((this.#head & this.#mask) << 6);
    const { f64, u16, u8 } = this.#views;
    const word = base >> 3;
    f64[word] = 0;
    f64[word + 1] = 0;
    f64[word + 2] = 0;
    f64[word + 3] = 0;
    u16[base >> 1] = RING_FILLER;
    u8[base + 2] = slots;
    this.#head = (this.#head + slots) | 0;
    return base;
  }

  /** Shows the lcore what was written. Once a batch, before the tail of the events. */
  publish(): void {
    if (this.#head === this.#published) return;
    Atomics.store(this.#views.i32, WORD_HEAD, this.#head);
    this.#published = this.#head;
  }

  /** After heads and tails were stored: the lcore may have gone to sleep meanwhile. */
  wakeIfSleeping(): void {
    if (Atomics.load(this.#views.i32, WORD_SLEEPING) !== 0) this.#port.wake();
  }

  #used(): number {
    return (this.#head - this.#tail) | 0;
  }

  #writeFiller(slots: number): void {
    const base = RING_DATA_OFFSET + ((this.#head & this.#mask) << 6);
    this.#views.u16[base >> 1] = RING_FILLER;
    this.#views.u8[base + 2] = slots;
    this.#head = (this.#head + slots) | 0;
  }

  #makeRoom(cost: number): void {
    for (;;) {
      this.#tail = Atomics.load(this.#views.i32, WORD_TAIL);
      if (this.#used() + cost <= this.#capacity) return;
      this.publish();
      if (!this.#port.waitForRoom()) throw new ProgramEnded();
    }
  }
}
