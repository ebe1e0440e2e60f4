/**
 * The worker's consumer side of the event ring, around the loop of the generated
 * stub that every event goes through.
 */
import type { AnswerRing } from "./answers.ts";
import { ProgramEnded } from "./answers.ts";
import type { Cursor, NfHost, NfRuntime, RingViews } from "./nf-module.ts";
import {
  ABOUT_LOST_DATA,
  ANSWER_BURST,
  ANSWER_ERROR,
  ANSWER_FLOW_GENERATION,
  ANSWER_FLOW_INDEX,
  ANSWER_HEAD_SIZE,
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
  EVENT_SLOTS,
  FLAG_DATA,
  RING_DATA_OFFSET,
  RING_NOTICE_KEPT,
  RING_NOTICE_LOST,
  RING_SLOT_SHIFT,
  ringCapacity,
  WORD_HEAD,
  WORD_TAIL,
} from "./ring.ts";
import { STATUS_KIND, STATUS_POSITION } from "./status.ts";

/** Most events between two looks at the clock. */
export const BATCH_MAX = 256;

export interface DrainReports {
  /** A handler threw at the record at byte offset `base` of the event ring. */
  threw(error: unknown, base: number, kind: number): void;
  lost(count: number): void;
}

/** What a drain and the stub that it runs share. */
export interface DrainParts {
  readonly events: RingViews;
  readonly answers: RingViews;
  readonly answerRing: AnswerRing;
  readonly status: Int32Array;
  readonly reports: DrainReports;
}

export class Drain {
  readonly #events: RingViews;
  readonly #answers: RingViews;
  readonly #answerRing: AnswerRing;
  readonly #runtime: NfRuntime;
  readonly #reports: DrainReports;
  readonly #status: Int32Array;
  readonly #cursor: Cursor = { base: 0, handled: 0 };
  readonly #mask: number;
  #tail: number;
  #running = false;
  #ended = false;

  /** `create` makes the stub's runtime of what the worker gives it. */
  constructor(
    { events, answers, answerRing, status, reports }: DrainParts,
    create: (host: Pick<NfHost, "cursor" | "status" | "other">) => NfRuntime,
  ) {
    this.#events = events;
    this.#answers = answers;
    this.#answerRing = answerRing;
    this.#reports = reports;
    this.#status = status;
    this.#mask = ringCapacity(events) - 1;
    this.#tail = Atomics.load(events.i32, WORD_TAIL);
    this.#runtime = create({
      cursor: this.#cursor,
      status,
      other: (kind, base) => this.#notice(kind, base),
    });
  }

  get runtime(): NfRuntime {
    return this.#runtime;
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
    let count = 0;
    while (this.#tail !== head && count < limit && !this.#ended) count += this.#run(head, limit - count);
    this.publish();
    return count;
  }

  #run(head: number, limit: number): number {
    this.#running = true;
    try {
      this.#tail = this.#runtime.run(this.#tail, head, limit);
      return this.#cursor.handled;
    } catch (error) {
      const base = this.#baseOf(this.#status[STATUS_POSITION] ?? 0);
      const count = this.#passThrown();
      if (error instanceof ProgramEnded) this.#ended = true;
      else this.#threw(error, base);
      return count;
    } finally {
      this.#cursor.base = 0;
      this.#running = false;
    }
  }

  /** Up to the record whose handler has thrown, and over it; how many that are. */
  #passThrown(): number {
    const thrown = this.#status[STATUS_POSITION] ?? 0;
    let count = 1;
    for (let at = this.#tail; at !== thrown; at = this.#behind(at)) count++;
    this.#tail = this.#behind(thrown);
    return count;
  }

  #baseOf(slot: number): number {
    return RING_DATA_OFFSET + ((slot & this.#mask) << RING_SLOT_SHIFT);
  }

  #behind(slot: number): number {
    return (slot + (this.#events.u8[this.#baseOf(slot) + EVENT_SLOTS] ?? 0)) | 0;
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
    if (this.#running) this.#tail = this.#behind(this.#status[STATUS_POSITION] ?? 0);
    this.publish();
  }

  #notice(kind: number, base: number): void {
    if (kind === RING_NOTICE_KEPT) this.#runtime.kept?.(base);
    if (kind !== RING_NOTICE_LOST) return;
    const count = this.#events.u32[(base + EVENT_FIELDS) >> 2] ?? 0;
    this.#reports.lost(count);
    this.#runtime.lost?.(count);
  }

  #threw(error: unknown, base: number): void {
    const kind = this.#status[STATUS_KIND] ?? 0;
    this.#reports.threw(error, base, kind);
    if (kind >= this.#runtime.kinds) return;
    try {
      this.#answerError(base);
    } catch (problem) {
      if (!(problem instanceof ProgramEnded)) throw problem;
      this.#ended = true;
    }
  }

  /** `on_error` decides what becomes of the packet. */
  #answerError(from: number): void {
    const to = this.#answerRing.reserve(ANSWER_ERROR, 1);
    this.#answers.u8.fill(0, to + ANSWER_FLOW_INDEX, to + ANSWER_HEAD_SIZE);
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
  }
}
