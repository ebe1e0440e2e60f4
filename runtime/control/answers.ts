/** The worker's producer side of the answer ring. */
import type { RingViews } from "./nf-module.ts";
import {
  RING_DATA_OFFSET,
  RING_FILLER,
  RING_SLOT_SHIFT,
  ringCapacity,
  WORD_HEAD,
  WORD_SLEEPING,
  WORD_TAIL,
} from "./ring.ts";

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

export interface AnswerRing {
  /** See `NfHost.reserve`. */
  reserve(slots: number): number;
  /** Shows the lcore what was written. Once a batch, before the tail of the events. */
  publish(): void;
  /** After heads and tails were stored: the lcore may have gone to sleep meanwhile. */
  wakeIfSleeping(): void;
}

/** Members of `ends`. */
const HEAD = 0;
/** Where the lcore was when it was last looked at. */
const TAIL = 1;
const PUBLISHED = 2;

/**
 * What a closure has as a constant is one to V8: a record costs no look at an
 * object of ours, whose fields would be loaded and checked each time. Indices are
 * int32, and in an array of these: V8 would box an unsigned one above 2^31.
 */
export function createAnswerRing(views: RingViews, port: AnswerPort): AnswerRing {
  const { u32, i32 } = views;
  const capacity = ringCapacity(views);
  const mask = capacity - 1;
  const ends = new Int32Array(3);
  const end = (which: number): number => ends[which] ?? 0;
  ends[HEAD] = ends[PUBLISHED] = Atomics.load(i32, WORD_HEAD);
  ends[TAIL] = Atomics.load(i32, WORD_TAIL);

  const publish = (): void => {
    if (end(HEAD) === end(PUBLISHED)) return;
    Atomics.store(i32, WORD_HEAD, end(HEAD));
    ends[PUBLISHED] = end(HEAD);
  };

  const makeRoom = (cost: number): void => {
    for (;;) {
      ends[TAIL] = Atomics.load(i32, WORD_TAIL);
      if (((end(HEAD) - end(TAIL)) | 0) + cost <= capacity) return;
      publish();
      if (!port.waitForRoom()) throw new ProgramEnded();
    }
  };

  /** Kind, slots and argument of a record are its first word. */
  const push = (slots: number): number => {
    const base = RING_DATA_OFFSET + ((end(HEAD) & mask) << RING_SLOT_SHIFT);
    u32[base >> 2] = RING_FILLER | (slots << 16);
    ends[HEAD] = end(HEAD) + slots;
    return base;
  };

  const reserve = (slots: number): number => {
    const left = capacity - (end(HEAD) & mask);
    const cost = left < slots ? left + slots : slots;
    if (((end(HEAD) - end(TAIL)) | 0) + cost > capacity) makeRoom(cost);
    if (left < slots) push(left);
    return push(slots);
  };

  const wakeIfSleeping = (): void => {
    if (Atomics.load(i32, WORD_SLEEPING) !== 0) port.wake();
  };

  return { reserve, publish, wakeIfSleeping };
}
