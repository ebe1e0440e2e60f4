/**
 * When a worker drains, spins, sleeps, and gives way to the event loop, so that
 * timers and promises of the handlers run also under full load.
 */
import { BATCH_MAX, type Drain } from "./drain.ts";
import { STATUS_BUSY } from "./status.ts";

/**
 * Microseconds after which the event loop gets its turn; not after each short wait,
 * because a turn of it makes half a kilobyte of garbage.
 */
const TURN_US = 4_000;
/** A batch that takes longer is followed by smaller ones: slow handlers. */
const BATCH_SLOW_US = 2_000;
const BATCH_FAST_US = 500;
const SLEEP_MS = 10;

/** Between two looks at a clock that wraps at 2^30. */
const between = (before: number, now: number): number => (now - before) & 0x3fffffff;

export interface TurnOptions {
  readonly drain: Drain;
  readonly status: Int32Array;
  readonly spin: number;
  /** Sleeps until there are events, at most so many milliseconds. */
  readonly wait: (timeoutMs: number) => boolean;
  /** `Dataplane.clock`. */
  readonly clock: () => number;
  /** After each turn: printed text goes out. */
  readonly afterTurn: () => void;
}

export class Turns {
  readonly #options: TurnOptions;
  readonly #drain: Drain;
  /** Grows from here: how long handlers take is not known yet. */
  #limit = 1;
  #stopped = false;
  readonly #next = (): void => this.#turn();

  constructor(options: TurnOptions) {
    this.#options = options;
    this.#drain = options.drain;
  }

  start(): void {
    setImmediate(this.#next);
  }

  /** No handler is called any more when this returns. */
  stop(): void {
    this.#stopped = true;
  }

  #turn(): void {
    if (this.#stopped || this.#drain.ended) return;
    const { status, afterTurn, clock, wait } = this.#options;
    const begin = clock();
    do {
      status[STATUS_BUSY] = 1;
      const idle = this.#work(begin);
      Atomics.store(status, STATUS_BUSY, 0);
      afterTurn();
      if (!idle) break;
    } while (wait(SLEEP_MS) && between(begin, clock()) < TURN_US);
    setImmediate(this.#next);
  }

  /**
   * True when the ring stayed empty. Looks at the clock after so many events as a
   * batch may have, however few each batch found.
   */
  #work(begin: number): boolean {
    const { clock } = this.#options;
    let before = clock();
    do {
      let count = 0;
      do {
        const found = this.#drain.batch(this.#limit - count);
        if (this.#drain.ended) return false;
        if (found === 0 && !this.#spin()) return true;
        count += found;
      } while (count < this.#limit);
      const now = clock();
      this.#adapt(count, between(before, now));
      before = now;
    } while (between(begin, before) < TURN_US);
    return false;
  }

  /** As many events as handlers get done in the time of a slow batch. */
  #adapt(count: number, took: number): void {
    if (took > BATCH_SLOW_US) this.#limit = Math.max(1, Math.floor((count * BATCH_SLOW_US) / took));
    else if (took < BATCH_FAST_US) this.#limit = Math.min(BATCH_MAX, this.#limit * 2);
  }

  #spin(): boolean {
    for (let i = this.#options.spin; i > 0; i--) {
      if (this.#drain.ready()) return true;
    }
    return this.#drain.ready();
  }
}
