/** The format of runtime/dataplane/ring/ring.h, in numbers. */
import type { RingViews } from "./nf-module.ts";

export const RING_MAGIC = 0x4d425852;
export const RING_VERSION = 1;
/** Bytes before the first slot. */
export const RING_DATA_OFFSET = 512;
/** A slot is 64 bytes. */
export const RING_SLOT_SHIFT = 6;
export const RING_RECORD_SLOTS_MAX = 8;
export const RING_FILLER = 0xffff;
export const RING_NOTICE_LOST = 0xfff0;
export const RING_NOTICE_KEPT = 0xfff1;
export const FLOW_NONE = 0xffffffff;

/** Words of the header, as indices of an `Int32Array`. */
export const WORD_MAGIC = 0;
export const WORD_VERSION = 1;
export const WORD_CAPACITY = 2;
export const WORD_HEAD = 32;
export const WORD_TAIL = 64;
export const WORD_SLEEPING = 96;

/** Byte offsets in `struct ring_event`. */
export const EVENT_KIND = 0;
export const EVENT_SLOTS = 2;
export const EVENT_FLOW_INDEX = 4;
export const EVENT_FLOW_GENERATION = 8;
export const EVENT_PACKET = 12;
export const EVENT_BURST = 14;
export const EVENT_TIME = 16;
export const EVENT_DIR = 24;
export const EVENT_FLAGS = 25;
export const EVENT_SERIAL = 28;
export const EVENT_FIELDS = 32;

/** Byte offsets in `struct ring_answer`. */
export const ANSWER_KIND = 0;
export const ANSWER_SLOTS = 2;
export const ANSWER_FLOW_INDEX = 4;
export const ANSWER_FLOW_GENERATION = 8;
export const ANSWER_PACKET = 12;
export const ANSWER_BURST = 14;
export const ANSWER_SERIAL = 16;
export const ANSWER_VALUE = 24;
export const ANSWER_HEAD_SIZE = 32;

/** In an event's flags: it is a DATA_TCP. */
export const FLAG_DATA = 0x80;
/** `NF_ANSWER_DATA` and `NF_ANSWER_ERROR` of an answer's value, in its high half. */
export const ABOUT_LOST_DATA = 2 | 8;

/** `enum ring_answer_kind`: a handler threw at this event. */
export const ANSWER_ERROR = 7;

/**
 * Bytes of the dataplane's memory. Node makes other arrays out of `Uint8Array`, so V8
 * looks at each access whether it still is one; of a class of its own it knows.
 */
export class MemoryBytes extends Uint8Array<ArrayBufferLike> {}

export function ringViews(memory: ArrayBufferLike): RingViews {
  return {
    u8: new MemoryBytes(memory),
    u16: new Uint16Array(memory),
    u32: new Uint32Array(memory),
    i32: new Int32Array(memory),
    f64: new Float64Array(memory),
  };
}

/** Slots of a ring; throws when the memory does not hold one of this version. */
export function ringCapacity(views: RingViews): number {
  const [magic, version, capacity] = views.u32;
  if (magic !== RING_MAGIC || version !== RING_VERSION || capacity === undefined) {
    throw new Error(`the dataplane's rings are of version ${version}, this worker reads ${RING_VERSION}`);
  }
  return capacity;
}
