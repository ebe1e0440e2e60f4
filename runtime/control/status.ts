/**
 * What main sees of a worker while that runs and cannot answer: words of a
 * shared `Int32Array`, written by the worker without any order.
 */

/** 1 while it is in handlers. */
export const STATUS_BUSY = 0;
/** Slot of the record being handled: changes with every event. */
export const STATUS_POSITION = 1;
/** Subscription number of the record being handled. */
export const STATUS_KIND = 2;
export const STATUS_WORDS = 16;

export function createStatus(): SharedArrayBuffer {
  return new SharedArrayBuffer(STATUS_WORDS * Int32Array.BYTES_PER_ELEMENT);
}

/** For how long a worker has been at one event. */
export class BusyWatch {
  readonly #status: Int32Array;
  #position = 0;
  #since: number;

  constructor(status: SharedArrayBuffer, now: number) {
    this.#status = new Int32Array(status);
    this.#since = now;
  }

  /** Milliseconds in the handler that runs now; 0: in none. Call it about once a second. */
  busyFor(now: number): number {
    const busy = Atomics.load(this.#status, STATUS_BUSY) === 1;
    const position = Atomics.load(this.#status, STATUS_POSITION);
    if (!busy || position !== this.#position) {
      this.#position = position;
      this.#since = now;
    }
    return busy ? now - this.#since : 0;
  }

  /** Subscription number of the event it is at. */
  get kind(): number {
    return Atomics.load(this.#status, STATUS_KIND);
  }
}
