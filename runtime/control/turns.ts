/**
 * When a worker drains, spins, sleeps, and gives way to the event loop, so that
 * timers and promises of the handlers run also under full load.
 */
import { BATCH_MAX, type Drain } from "./drain.ts";
import { STATUS_BUSY } from "./status.ts";

/** Milliseconds after which the event loop gets its turn. */
const TURN_MS = 4;
/** After a wait it gets it sooner, but not for waits that are shorter: a turn of it makes garbage. */
const SHORT_WAITS_MS = 1;
/** A batch that takes longer is followed by smaller ones: slow handlers. */
const BATCH_SLOW_MS = 2;
const BATCH_FAST_MS = 0.5;
const SLEEP_MS = 10;

export interface TurnOptions {
  readonly drain: Drain;
  readonly status: Int32Array;
  readonly spin: number;
  /** Sleeps until there are events, at most so many milliseconds. */
  readonly wait: (timeoutMs: number) => boolean;
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
    const { status, afterTurn, wait } = this.#options;
    const begin = performance.now();
    do {
      status[STATUS_BUSY] = 1;
      const idle = this.#work(begin);
      Atomics.store(status, STATUS_BUSY, 0);
      afterTurn();
      if (!idle) break;
    } while (wait(SLEEP_MS) && performance.now() < begin + SHORT_WAITS_MS);
    setImmediate(this.#next);
  }

  /**
   * True when the ring stayed empty. The clock is an object each time: it is looked at
   * after so many events as a batch may have, however few each batch found.
   */
  #work(begin: number): boolean {
    const end = begin + TURN_MS;
    let before = performance.now();
    do {
      let count = 0;
      do {
        const found = this.#drain.batch(this.#limit - count);
        if (this.#drain.ended) return false;
        if (found === 0 && !this.#spin()) return true;
        count += found;
      } while (count < this.#limit);
      const now = performance.now();
      this.#adapt(count, now - before);
      before = now;
    } while (before < end);
    return false;
  }

  /** As many events as handlers get done in the time of a slow batch. */
  #adapt(count: number, took: number): void {
    if (took > BATCH_SLOW_MS) this.#limit = Math.max(1, Math.floor((count * BATCH_SLOW_MS) / took));
    else if (took < BATCH_FAST_MS) this.#limit = Math.min(BATCH_MAX, this.#limit * 2);
  }

  #spin(): boolean {
    for (let i = this.#options.spin; i > 0; i--) {
      if (this.#drain.ready()) return true;
    }
    return this.#drain.ready();
  }
}
