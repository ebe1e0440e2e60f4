/**
 * The worker's consumer side of the event ring: the loop that every event goes
 * through. Nothing in it allocates, and every access has one shape.
 */
import type { AnswerRing } from "./answers.ts";
import { ProgramEnded } from "./answers.ts";
import type { NfRuntime, RingViews } from "./nf-module.ts";
import {
  ABOUT_LOST_DATA,
  ANSWER_BURST,
  ANSWER_ERROR,
  ANSWER_FLOW_GENERATION,
  ANSWER_FLOW_INDEX,
  ANSWER_KIND,
  ANSWER_PACKET,
  ANSWER_SERIAL,
  ANSWER_VALUE,
  EVENT_BURST,
  EVENT_DIR,
  EVENT_FIELDS,
  EVENT_FLAGS,
  EVENT_FLOW_GENERATION,
  EVENT_FLOW_INDEX,
  EVENT_PACKET,
  EVENT_SERIAL,
  FLAG_DATA,
  RING_DATA_OFFSET,
  RING_NOTICE_KEPT,
  RING_NOTICE_LOST,
  ringCapacity,
  WORD_HEAD,
  WORD_TAIL,
} from "./ring.ts";
import { STATUS_BUSY, STATUS_KIND, STATUS_POSITION } from "./status.ts";

/** Most events between two looks at the clock. */
export const BATCH_MAX = 256;

export interface DrainReports {
  /** A handler threw at the record at byte offset `base` of the event ring. */
  threw(error: unknown, base: number, kind: number): void;
  lost(count: number): void;
}

export class Drain {
  readonly #events: RingViews;
  readonly #answers: RingViews;
  readonly #answerRing: AnswerRing;
  readonly #runtime: NfRuntime;
  readonly #reports: DrainReports;
  /** What main sees of this worker: status.ts. */
  readonly #status: Int32Array;
  readonly #mask: number;
  #tail: number;
  #ended = false;

  constructor(
    events: RingViews,
    answers: RingViews,
    answerRing: AnswerRing,
    runtime: NfRuntime,
    reports: DrainReports,
    status: Int32Array,
  ) {
    this.#events = events;
    this.#answers = answers;
    this.#answerRing = answerRing;
    this.#runtime = runtime;
    this.#reports = reports;
    this.#status = status;
    this.#mask = ringCapacity(events) - 1;
    this.#tail = Atomics.load(events.i32, WORD_TAIL);
  }

  /** A handler learnt that the dataplane takes no answers any more: no event is handled from then on. */
  get ended(): boolean {
    return this.#ended;
  }

  ready(): boolean {
    return Atomics.load(this.#events.i32, WORD_HEAD) !== this.#tail;
  }

  /**
   * Handles at most `limit` records and shows the lcore the answers, then that
   * they are handled, in this order: who sees the tail sees the answers.
   * Returns how many there were.
   */
  batch(limit: number): number {
    const head = Atomics.load(this.#events.i32, WORD_HEAD);
    if (head === this.#tail) {
      this.publish();
      return 0;
    }
    const { u8, u16 } = this.#events;
    const handle = this.#runtime.handle;
    const kinds = handle.length;
    const status = this.#status;
    const mask = this.#mask;
    let tail = this.#tail;
    let count = 0;
    let base = 0;
    let kind = 0;
    let next = tail;
    while (tail !== head && count < limit) {
      try {
        while (tail !== head && count < limit) {
          base = RING_DATA_OFFSET + ((tail & mask) << 6);
          kind = u16[base >> 1] ?? 0;
          const slots = u8[base + 2] ?? 0;
          // A record without slots cannot be; it must not hang the worker.
          next = slots === 0 ? head : (tail + slots) | 0;
          status[STATUS_KIND] = kind;
          status[STATUS_POSITION] = next;
          if (kind < kinds) {
            const handler = handle[kind];
            if (handler !== undefined) handler(base);
          } else if (kind === RING_NOTICE_LOST) {
            this.#notice(base);
          } else if (kind === RING_NOTICE_KEPT) {
            this.#runtime.kept?.(base);
          }
          tail = next;
          count++;
        }
      } catch (error) {
        tail = next;
        count++;
        if (error instanceof ProgramEnded) {
          this.#ended = true;
          break;
        }
        this.#threw(error, base, kind);
      }
    }
    this.#tail = tail;
    this.#runtime.done?.();
    this.publish();
    return count;
  }

  /** Also for what timers and promises of the handlers have answered. */
  publish(): void {
    this.#answerRing.publish();
    const { i32 } = this.#events;
    if (i32[WORD_TAIL] !== this.#tail) Atomics.store(i32, WORD_TAIL, this.#tail);
    this.#answerRing.wakeIfSleeping();
  }

  /** In the middle of a batch, for good: the record in hand counts as handled. */
  leave(): void {
    if (this.#status[STATUS_BUSY] === 1) this.#tail = this.#status[STATUS_POSITION] ?? this.#tail;
    this.publish();
  }

  #notice(base: number): void {
    const count = this.#events.u32[(base + EVENT_FIELDS) >> 2] ?? 0;
    this.#reports.lost(count);
    this.#runtime.lost?.(count);
  }

  #threw(error: unknown, base: number, kind: number): void {
    this.#reports.threw(error, base, kind);
    if (kind >= this.#runtime.handle.length) return;
    try {
      this.#answerError(base);
    } catch (problem) {
      if (!(problem instanceof ProgramEnded)) throw problem;
      this.#ended = true;
    }
  }

  /** `on_error` decides what becomes of the packet. */
  #answerError(from: number): void {
    const to = this.#answerRing.reserve(1);
    const e = this.#events;
    const a = this.#answers;
    a.u32[(to + ANSWER_FLOW_INDEX) >> 2] = e.u32[(from + EVENT_FLOW_INDEX) >> 2] ?? 0;
    a.u32[(to + ANSWER_FLOW_GENERATION) >> 2] = e.u32[(from + EVENT_FLOW_GENERATION) >> 2] ?? 0;
    a.u16[(to + ANSWER_PACKET) >> 1] = e.u16[(from + EVENT_PACKET) >> 1] ?? 0;
    a.u16[(to + ANSWER_BURST) >> 1] = e.u16[(from + EVENT_BURST) >> 1] ?? 0;
    a.u32[(to + ANSWER_SERIAL) >> 2] = e.u32[(from + EVENT_SERIAL) >> 2] ?? 0;
    const isData = ((e.u8[from + EVENT_FLAGS] ?? 0) & FLAG_DATA) !== 0;
    a.u32[(to + ANSWER_VALUE) >> 2] = 0;
    a.u32[(to + ANSWER_VALUE + 4) >> 2] = isData ? ABOUT_LOST_DATA | (e.u8[from + EVENT_DIR] ?? 0) : 0;
    a.u16[(to + ANSWER_KIND) >> 1] = ANSWER_ERROR;
  }
}
