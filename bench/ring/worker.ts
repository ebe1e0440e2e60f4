/**
 * Stands in for a program's worker: waits until the dataplane has filled the ring of
 * the function that is measured and can go no further, lets the generated stub and
 * the C drain handle copies of those records in turns, and then leaves all of them to
 * the worker proper. What is measured is handling alone: nobody else runs meanwhile.
 */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { createAnswerRing } from "../../runtime/control/answers.ts";
import type { Dataplane, OutletMemory } from "../../runtime/control/dataplane.ts";
import { BATCH_MAX, Drain } from "../../runtime/control/drain.ts";
import type { WorkerSetup } from "../../runtime/control/messages.ts";
import type { NfModule, RingViews } from "../../runtime/control/nf-module.ts";
import {
  MemoryBytes,
  RING_DATA_OFFSET,
  RING_FILLER,
  RING_NOTICE_LOST,
  ringCapacity,
  ringViews,
  WORD_CAPACITY,
  WORD_HEAD,
  WORD_TAIL,
} from "../../runtime/control/ring.ts";
import { createStatus } from "../../runtime/control/status.ts";
import { spreadOf } from "../statistics.ts";
import type { RingLap, RingTask } from "./task.ts";

interface CSide {
  memory(bytes: number): ArrayBuffer;
  drain(events: ArrayBufferLike, answers: ArrayBufferLike, packets: ArrayBufferLike, flows: number): number;
  sum(): number;
}

interface MeasuredModule extends NfModule {
  sum(): number;
}

/** One side: a ring of records that is full again before each lap, and one for what it answers. */
interface Side {
  readonly events: RingViews;
  readonly answers: RingViews;
  readonly lap: () => number;
  readonly sum: () => number;
}

const SLOT_SHIFT = 6;
/** Of answers to one event, slots: no row has more. */
const ANSWER_SLOTS_EACH = 1;
/** So long nothing has come: the dataplane waits. */
const STILL_MS = 100;

async function untilStill(events: RingViews): Promise<void> {
  let before = -1;
  for (;;) {
    const head = Atomics.load(events.i32, WORD_HEAD);
    if (head === before && head !== Atomics.load(events.i32, WORD_TAIL)) return;
    before = head;
    await sleep(STILL_MS);
  }
}

function newRing(c: CSide, like: RingViews, capacity: number): RingViews {
  const views = ringViews(c.memory(RING_DATA_OFFSET + (capacity << SLOT_SHIFT)));
  views.u8.set(like.u8.subarray(0, RING_DATA_OFFSET));
  views.i32[WORD_CAPACITY] = capacity;
  views.i32[WORD_HEAD] = 0;
  views.i32[WORD_TAIL] = 0;
  return views;
}

/** A ring that the oldest records of `from` fill, fillers where the last one is too long. */
function filledRing(c: CSide, from: RingViews): { readonly ring: RingViews; readonly records: number } {
  const mask = ringCapacity(from) - 1;
  const head = from.i32[WORD_HEAD] ?? 0;
  const tail = from.i32[WORD_TAIL] ?? 0;
  const ring = newRing(c, from, 2 ** Math.floor(Math.log2((head - tail) | 0)));
  const capacity = ringCapacity(ring);
  let [used, records] = [0, 0];
  for (let at = tail; at !== head && used < capacity; ) {
    const base = RING_DATA_OFFSET + ((at & mask) << SLOT_SHIFT);
    const slots = from.u8[base + 2] ?? 0;
    if (used + slots > capacity) break;
    ring.u8.set(
      from.u8.subarray(base, base + (slots << SLOT_SHIFT)),
      RING_DATA_OFFSET + (used << SLOT_SHIFT),
    );
    used += slots;
    at = (at + slots) | 0;
    if ((from.u16[base >> 1] ?? 0) < RING_NOTICE_LOST) records += 1;
  }
  for (; used < capacity; used++) {
    const base = RING_DATA_OFFSET + (used << SLOT_SHIFT);
    ring.u16[base >> 1] = RING_FILLER;
    ring.u8[base + 2] = 1;
  }
  return { ring, records };
}

function tsSide(
  setup: WorkerSetup,
  module: MeasuredModule,
  events: RingViews,
  answers: RingViews,
  packets: Uint8Array,
): Side {
  const answerRing = createAnswerRing(answers, { wake: () => {}, waitForRoom: () => true });
  const refuse = (error: unknown): never => {
    throw error;
  };
  const reports = { threw: refuse, lost: refuse };
  const status = new Int32Array(createStatus());
  const drain = new Drain({ events, answers, answerRing, status, reports }, (shared) =>
    module.create({ events, answers, packets, flows: setup.flows, reserve: answerRing.reserve, ...shared }),
  );
  const lap = (): number => {
    let total = 0;
    for (let count = drain.batch(BATCH_MAX); count > 0; count = drain.batch(BATCH_MAX)) total += count;
    return total;
  };
  return { events, answers, lap, sum: () => module.sum() };
}

function cSide(
  setup: WorkerSetup,
  c: CSide,
  events: RingViews,
  answers: RingViews,
  packets: ArrayBuffer,
): Side {
  const lap = (): number => c.drain(events.u8.buffer, answers.u8.buffer, packets, setup.flows);
  return { events, answers, lap, sum: () => c.sum() };
}

interface Lap {
  readonly nanoseconds: number;
  /** What it came to: the same on both sides. */
  readonly came: string;
}

function runLap({ events, answers, lap, sum }: Side): Lap {
  events.i32[WORD_HEAD] = ((events.i32[WORD_HEAD] ?? 0) + ringCapacity(events)) | 0;
  const said = answers.i32[WORD_HEAD] ?? 0;
  answers.i32[WORD_TAIL] = said;
  const before = sum();
  const begin = process.hrtime.bigint();
  const count = lap();
  const nanoseconds = Number(process.hrtime.bigint() - begin);
  const answered = ((answers.i32[WORD_HEAD] ?? 0) - said) | 0;
  return { nanoseconds, came: `${count} records, ${answered} slots of answers, sum ${sum() - before}` };
}

/** Both sides in turns, until each has handled about so many records; the median lap of each. */
function runTurns([ts, c]: readonly [Side, Side], records: number, events: number): RingLap {
  const laps = Array.from({ length: Math.ceil(events / records) }, () => {
    const [ours, theirs] = [runLap(ts), runLap(c)];
    if (ours.came !== theirs.came) throw new Error(`TypeScript: ${ours.came}; C: ${theirs.came}`);
    return { ts: ours.nanoseconds, c: theirs.nanoseconds };
  });
  const median = (side: "ts" | "c"): number => spreadOf(laps.map((lap) => lap[side])).median;
  return { events: records, ts: median("ts"), c: median("c") };
}

async function measure(setup: WorkerSetup, task: RingTask, memory: OutletMemory): Promise<RingLap> {
  const c: CSide = createRequire(import.meta.url)(task.addon);
  const from = ringViews(memory.events);
  await untilStill(from);
  const { default: module }: { default: MeasuredModule } = await import(setup.module);
  const [ours, theirs] = [filledRing(c, from), filledRing(c, from)];
  const answers = (): RingViews => newRing(c, from, 2 * ANSWER_SLOTS_EACH * ringCapacity(ours.ring));
  const sides = [
    tsSide(setup, module, ours.ring, answers(), new MemoryBytes(memory.packets)),
    cSide(setup, c, theirs.ring, answers(), memory.packets),
  ] as const;
  runTurns(sides, ours.records, task.events);
  return runTurns(sides, ours.records, task.events);
}

const setup: WorkerSetup = workerData;
const task: RingTask = JSON.parse(process.env.MBX_BENCH_RING ?? "{}");
if (setup.nf === task.nf) {
  const dataplane: Dataplane = createRequire(import.meta.url)(setup.addon);
  const memory = dataplane.attach(setup.chain, setup.outlet);
  parentPort?.postMessage({ kind: "ready" });
  writeFileSync(task.result, JSON.stringify(await measure(setup, task, memory)));
  dataplane.detach(setup.chain, setup.outlet);
}
await import(new URL("worker-proper.mjs", import.meta.url).href);
