/**
 * The contract between a generated TypeScript stub (`NAME.gen.ts`) and the
 * worker that runs it. Generated files do not import this one: they fit it by
 * structure, so it changes only with the generator.
 *
 * Records are those of runtime/dataplane/ring/ring.h. Base offsets are in
 * bytes, multiples of 64, and count from the start of the whole ring, header
 * included: the record at `base` has its kind at `events.u16[base >> 1]`.
 */

/** What a handler file default-exports: the result of its stub's factory. */
export interface NfModule {
  readonly nf: string;
  /** Hash of the declaration that the stub was generated from; the manifest has the same. */
  readonly layout: string;
  create(host: NfHost): NfRuntime;
}

/** A ring as typed arrays over all of it. */
export interface RingViews {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
}

/** Which record is being handled: all views of a stub look where this points. */
export interface Cursor {
  /** Its byte offset; 0, where a ring's head has zeros, while there is none. */
  base: number;
  /** How many the last `run` handled; of one that threw it says nothing. */
  handled: number;
}

/** What the worker gives a stub. */
export interface NfHost {
  readonly events: RingViews;
  readonly answers: RingViews;
  /** Packet memory: `m.bytes`. */
  readonly packets: Uint8Array;
  /** Bound of the flow table: length of arrays of per-flow state. */
  readonly flows: number;
  /**
   * Byte offset of a free answer record of `slots` slots (1–8). Of its head kind and
   * `slots` are set, and the argument behind them is 0; all else is what was there
   * before, and the caller's to write, as far as the dataplane reads it of that kind.
   * A record whose writer may throw begins as RING_FILLER, and gets its kind last: so
   * it is skipped. Waits while the ring is full; the lcore always drains it. Throws
   * when the program has ended.
   */
  reserve(kind: number, slots: number): number;
  readonly cursor: Cursor;
  /** status.ts: what main sees of this worker. */
  readonly status: Int32Array;
  /** The record at byte offset `base` is of no subscription. */
  other(kind: number, base: number): void;
}

export interface NfRuntime {
  /**
   * Handles the records of the event ring from slot `tail` up to slot `head`, at
   * most `limit` of them, and returns the slot behind the last. Before each it
   * writes its slot and its kind to `status`, so that who catches what a handler
   * throws knows where it was. One function for all subscriptions: V8 compiles
   * loop, dispatch, accessors and handlers as one, and boxes no number between.
   */
  readonly run: (tail: number, head: number, limit: number) => number;
  /** Subscriptions that it has: kinds from 0. */
  readonly kinds: number;
  /** All that was kept of the flow at byte offset `base`, and chosen, has been sent. */
  readonly kept?: (base: number) => void;
  /** `count` events did not reach this NF. Present when the handlers define `lost`. */
  readonly lost?: (count: number) => void;
  /** After the last event; a promise is awaited. Present when the handlers define `end`. */
  readonly end?: () => void | Promise<void>;
}
