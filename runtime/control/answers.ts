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
  reserve(kind: number, slots: number): number;
  /** Shows the lcore what was written. Once a batch, before the tail of the events. */
  publish(): void;
  /** After heads and tails were stored: the lcore may have gone to sleep meanwhile. */
  wakeIfSleeping(): void;
}

/** More than 64 bytes: a smaller array is moved by the collector, and V8 looks for it each time. */
const WORDS = 32;

/**
 * What a closure has as a constant is one to V8: a record costs no look at an
 * object of ours, whose fields would be loaded and checked each time, nor at a
 * module's constant, which is a variable once it is bundled. Indices are int32, and
 * in an array of these: V8 would box an unsigned one above 2^31.
 */
export function createAnswerRing(views: RingViews, port: AnswerPort): AnswerRing {
  const { u32, i32 } = views;
  const capacity = ringCapacity(views);
  const shift = RING_SLOT_SHIFT;
  const filler = RING_FILLER;
  // Byte offsets count from the start of the whole ring.
  const start = RING_DATA_OFFSET;
  const end = start + (capacity << shift);
  // Members of `words`: the byte offset of the next record; that behind the free slots
  // which follow it, as of the last look at the lcore; the index of the ring's first slot
  // in this lap; the index up to which the lcore sees answers.
  const NEXT = 0;
  const FREE_END = 1;
  const LAP = 2;
  const PUBLISHED = 3;
  const words = new Int32Array(WORDS);
  const word = (which: number): number => words[which] ?? 0;
  const begin = Atomics.load(i32, WORD_HEAD);
  words[LAP] = begin & -capacity;
  words[PUBLISHED] = begin;
  words[NEXT] = words[FREE_END] = start + ((begin & (capacity - 1)) << shift);

  const head = (): number => (word(LAP) + ((word(NEXT) - start) >> shift)) | 0;

  const publish = (): void => {
    const index = head();
    if (index === word(PUBLISHED)) return;
    Atomics.store(i32, WORD_HEAD, index);
    words[PUBLISHED] = index;
  };

  /** Free slots, at least so many. */
  const waitFor = (slots: number): number => {
    for (;;) {
      const free = capacity - ((head() - Atomics.load(i32, WORD_TAIL)) | 0);
      if (free >= slots) return free;
      publish();
      if (!port.waitForRoom()) throw new ProgramEnded();
    }
  };

  /** A record that finds no room before the ring's end begins at its start, behind a filler. */
  const makeRoom = (slots: number): void => {
    const left = (end - word(NEXT)) >> shift;
    if (left >= slots) {
      words[FREE_END] = word(NEXT) + (Math.min(left, waitFor(slots)) << shift);
      return;
    }
    const free = waitFor(left + slots) - left;
    if (left > 0) u32[word(NEXT) >> 2] = filler | (left << 16);
    words[LAP] = word(LAP) + capacity;
    words[NEXT] = start;
    words[FREE_END] = start + (free << shift);
  };

  /** Kind, slots and argument of a record are its first word. */
  const reserve = (kind: number, slots: number): number => {
    const size = slots << shift;
    if (word(NEXT) + size > word(FREE_END)) makeRoom(slots);
    const base = word(NEXT);
    words[NEXT] = base + size;
    u32[base >> 2] = kind | (slots << 16);
    return base;
  };

  const wakeIfSleeping = (): void => {
    if (Atomics.load(i32, WORD_SLEEPING) !== 0) port.wake();
  };

  return { reserve, publish, wakeIfSleeping };
}
