/** What the bench and its worker say to each other. */

/** In `MBX_BENCH_RING`, as JSON. */
export interface RingTask {
  /** The function that is measured; the others wait behind it. */
  readonly nf: string;
  /** The C side: `drain_addon.c` with what `c-drain.ts` made. */
  readonly addon: string;
  /** Where the round is written, as JSON. */
  readonly result: string;
  /** Of each side, and before what is measured as many. */
  readonly events: number;
}

/** A round: of each side the nanoseconds of its median lap, which handled so many events. */
export interface RingLap {
  readonly events: number;
  readonly ts: number;
  readonly c: number;
}
