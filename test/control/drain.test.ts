import { test } from "uvu";
import * as assert from "uvu/assert";
import { createAnswerRing, ProgramEnded } from "../../runtime/control/answers.ts";
import { Drain } from "../../runtime/control/drain.ts";
import type { NfHost, RingViews } from "../../runtime/control/nf-module.ts";
import {
  ANSWER_ERROR,
  RING_DATA_OFFSET,
  RING_FILLER,
  RING_MAGIC,
  RING_NOTICE_LOST,
  RING_VERSION,
  ringCapacity,
  ringViews,
  WORD_CAPACITY,
  WORD_HEAD,
  WORD_MAGIC,
  WORD_SLEEPING,
  WORD_TAIL,
  WORD_VERSION,
} from "../../runtime/control/ring.ts";
import { BusyWatch, createStatus, STATUS_BUSY, STATUS_POSITION } from "../../runtime/control/status.ts";
import { seeded } from "../support/random.ts";
import { RUN_HANDLERS } from "./support/program.ts";

function makeRing(capacity: number, start = 0): RingViews {
  const views = ringViews(new SharedArrayBuffer(RING_DATA_OFFSET + capacity * 64));
  views.i32[WORD_MAGIC] = RING_MAGIC;
  views.i32[WORD_VERSION] = RING_VERSION;
  views.i32[WORD_CAPACITY] = capacity;
  views.i32[WORD_HEAD] = start;
  views.i32[WORD_TAIL] = start;
  return views;
}

const at = (views: RingViews, index: number): number =>
  RING_DATA_OFFSET + ((index & (ringCapacity(views) - 1)) << 6);

/** The dataplane's end: a record, shown at once. */
function push(views: RingViews, kind: number, slots: number, value: number): void {
  const head = views.i32[WORD_HEAD] ?? 0;
  const base = at(views, head);
  views.u16[base >> 1] = kind;
  views.u8[base + 2] = slots;
  views.u32[(base + 32) >> 2] = value;
  Atomics.store(views.i32, WORD_HEAD, (head + slots) | 0);
}

/** The loop of a stub, over a function for each subscription. */
const runHandlers: (
  host: Pick<NfHost, "events" | "cursor" | "status" | "other">,
  handle: readonly ((base: number) => void)[],
) => (tail: number, head: number, limit: number) => number = new Function(`return ${RUN_HANDLERS}`)();

/** A worker's loop over two rings; what happens is written to `log`. */
function makeDrain(handle: readonly ((base: number) => void)[], capacity = 16, start = 0) {
  const events = makeRing(capacity, start);
  const answers = makeRing(capacity, start);
  const status = new Int32Array(createStatus());
  const log: string[] = [];
  let room: () => boolean = () => false;
  const answerRing = createAnswerRing(answers, {
    wake: () => {
      log.push(`wake answers ${answers.i32[WORD_HEAD]} tail ${events.i32[WORD_TAIL]}`);
    },
    waitForRoom: () => room(),
  });
  const reports = {
    threw: (error: unknown, base: number, kind: number) =>
      log.push(`threw ${String(error)} at ${kind}/${events.u32[(base + 32) >> 2]}`),
    lost: () => {},
  };
  const drain = new Drain({ events, answers, answerRing, status, reports }, (shared) => ({
    run: runHandlers({ events, ...shared }, handle),
    kinds: handle.length,
    lost: (count) => log.push(`lost ${count}`),
  }));
  return { events, answers, answerRing, status, drain, log, onFull: (wait: () => boolean) => (room = wait) };
}

test("ring of another version is refused", () => {
  const views = makeRing(16);
  views.i32[WORD_VERSION] = 2;
  assert.throws(() => ringCapacity(views), /version 2/);
});

test("record that does not fit before the end leaves a filler, also at the wrap of 2^31 and 2^32", () => {
  for (const start of [13, 0x7fffffff - 2, -3]) {
    const { answers, answerRing } = makeDrain([], 16, start);
    const base = answerRing.reserve(RING_FILLER, 5);
    assert.is(base, RING_DATA_OFFSET);
    const filler = at(answers, start);
    assert.is(answers.u16[filler >> 1], RING_FILLER);
    assert.is(answers.u8[filler + 2], 3);
    answerRing.publish();
    assert.is(answers.i32[WORD_HEAD], (start + 8) | 0);
  }
});

test("answers overwrite what the lcore has not read, or leave room that it has given back", () => {
  const random = seeded(7);
  for (const start of [0, 0x7fffffff - 20, -20]) {
    let tail = start;
    let unread: { readonly base: number; readonly slots: number }[] = [];
    const { answers, answerRing, onFull } = makeDrain([], 32, start);
    /** The lcore reads up to the head, fillers too. */
    const read = (most: number): void => {
      const head = answers.i32[WORD_HEAD] ?? 0;
      for (let i = 0; i < most && tail !== head; i++) {
        const base = at(answers, tail);
        const slots = answers.u8[base + 2] ?? 0;
        if (answers.u16[base >> 1] !== RING_FILLER) {
          assert.equal(unread[0], { base, slots });
          unread = unread.slice(1);
        }
        tail = (tail + slots) | 0;
      }
      Atomics.store(answers.i32, WORD_TAIL, tail);
    };
    onFull(() => {
      assert.ok(((answers.i32[WORD_HEAD] ?? 0) - tail) | 0, "waits for room though all is free");
      read(1 + random(3));
      return true;
    });
    for (let i = 0; i < 2_000; i++) {
      const slots = 1 + random(8);
      const base = answerRing.reserve(64, slots);
      unread.push({ base, slots });
      if (random(4) === 0) answerRing.publish();
      if (random(8) === 0) read(random(6));
    }
    answerRing.publish();
    read(32);
    assert.equal(unread, []);
    assert.is(tail, answers.i32[WORD_HEAD]);
  }
});

test("reserved record is a filler of its size until its kind is written", () => {
  const { answers, answerRing } = makeDrain([]);
  answers.u8.fill(0xaa, RING_DATA_OFFSET);
  const base = answerRing.reserve(RING_FILLER, 2);
  assert.is(answers.u16[base >> 1], RING_FILLER);
  assert.is(answers.u8[base + 2], 2);
  assert.is(answers.u8[base + 3], 0);
  assert.is(answers.u8[base + 4], 0xaa, "the rest is the caller's");
});

test("answer to an event whose handler threw has nothing of what was there before", () => {
  const { events, answers, drain } = makeDrain([
    () => {
      throw new Error("no");
    },
  ]);
  answers.u8.fill(0xaa, RING_DATA_OFFSET);
  push(events, 0, 1, 0);
  drain.batch(1);
  const answer = at(answers, 0);
  assert.is(answers.u16[answer >> 1], ANSWER_ERROR);
  assert.ok(answers.u8.subarray(answer + 4, answer + 32).every((byte) => byte === 0));
});

test("process that ends in a handler has handled the event in hand, and none behind it", () => {
  const tails: (number | undefined)[] = [];
  const { events, drain } = makeDrain([
    () => {
      drain.leave();
      tails.push(events.i32[WORD_TAIL]);
    },
  ]);
  push(events, 0, 3, 0);
  push(events, 0, 1, 0);
  drain.batch(256);
  assert.equal(tails, [3, 4]);
});

test("handled events before the one that threw are counted with it", () => {
  let handled = 0;
  const { events, drain } = makeDrain([
    () => {
      handled++;
      if (handled === 3) throw new Error("no");
    },
  ]);
  for (let i = 0; i < 5; i++) push(events, 0, 2, i);
  assert.is(drain.batch(4), 4);
  assert.is(handled, 4);
  assert.is(events.i32[WORD_TAIL], 8);
});

test("nothing is shown before the batch is done, and the answers before the tail", () => {
  const seen: string[] = [];
  const { events, answers, answerRing, drain, log } = makeDrain([
    () => {
      answerRing.reserve(RING_FILLER, 1);
      seen.push(`${answers.i32[WORD_HEAD]} ${events.i32[WORD_TAIL]}`);
    },
  ]);
  for (let i = 0; i < 3; i++) push(events, 0, 2, i);
  answers.i32[WORD_SLEEPING] = 1;
  assert.is(drain.batch(256), 3);
  assert.equal(seen, ["0 0", "0 0", "0 0"]);
  assert.equal(log, ["wake answers 3 tail 6"]);
});

test("batch ends at its limit and goes on where it ended", () => {
  const values: (number | undefined)[] = [];
  const { events, drain } = makeDrain([(base) => values.push(events.u32[(base + 32) >> 2])], 16, -2);
  for (let i = 0; i < 5; i++) push(events, 0, 1, i);
  assert.is(drain.batch(2), 2);
  assert.is(events.i32[WORD_TAIL], 0);
  assert.is(drain.ready(), true);
  assert.is(drain.batch(256), 3);
  assert.is(drain.batch(256), 0);
  assert.equal(values, [0, 1, 2, 3, 4]);
});

test("event after the one that threw is handled, and an error is answered", () => {
  const handled: (number | undefined)[] = [];
  const { events, answers, drain, log } = makeDrain([
    (base) => {
      const value = events.u32[(base + 32) >> 2];
      if (value === 1) throw new Error("no");
      handled.push(value);
    },
  ]);
  for (let i = 0; i < 3; i++) push(events, 0, 1, i);
  events.u32[(at(events, 1) + 4) >> 2] = 77;
  events.u32[(at(events, 1) + 28) >> 2] = 88;
  drain.batch(256);
  assert.equal(handled, [0, 2]);
  assert.equal(log, ["threw Error: no at 0/1"]);
  const answer = at(answers, 0);
  assert.is(answers.u16[answer >> 1], ANSWER_ERROR);
  assert.is(answers.u32[(answer + 4) >> 2], 77, "its flow");
  assert.is(answers.u32[(answer + 16) >> 2], 88, "its burst");
});

test("notice of losses and fillers are no events", () => {
  let count = 0;
  const { events, drain, log } = makeDrain([() => count++]);
  push(events, RING_FILLER, 3, 0);
  push(events, RING_NOTICE_LOST, 1, 42);
  push(events, 0, 1, 0);
  push(events, 5, 1, 0); // a subscription that this NF does not have
  drain.batch(256);
  assert.is(count, 1);
  assert.equal(log, ["lost 42"]);
  assert.is(events.i32[WORD_TAIL], 6);
});

test("record without slots does not hang the worker", () => {
  const { events, drain } = makeDrain([() => {}]);
  push(events, 0, 1, 0);
  events.u8[at(events, 0) + 2] = 0;
  drain.batch(256);
  assert.is(drain.ready(), false);
});

test("full answer ring is published and waited for; no event is handled after the program ended", () => {
  let handled = 0;
  const { events, answers, answerRing, drain, onFull } = makeDrain([
    () => {
      handled++;
      for (let i = 0; i < 20; i++) answerRing.reserve(RING_FILLER, 1);
    },
  ]);
  let waits = 0;
  onFull(() => {
    waits++;
    if (waits === 1) assert.is(answers.i32[WORD_HEAD], 16, "what was written is there to be drained");
    if (waits === 1) return true; // nobody drained yet
    if (waits === 2) {
      Atomics.store(answers.i32, WORD_TAIL, 16);
      return true;
    }
    return false;
  });
  push(events, 0, 1, 0);
  push(events, 0, 1, 1);
  push(events, 0, 1, 2);
  drain.batch(1);
  assert.is(drain.ended, false);
  assert.is(waits, 2);
  drain.batch(256);
  assert.is(drain.ended, true);
  assert.is(handled, 2, "the second found the program ended, the third was not called");
});

test("handler that publishes after the end is told so, and the drain stops", () => {
  let handled = 0;
  const { events, answerRing, drain, log } = makeDrain([
    () => {
      handled++;
      for (let i = 0; i < 20; i++) answerRing.reserve(RING_FILLER, 1);
    },
  ]);
  push(events, 0, 1, 0);
  push(events, 0, 1, 1);
  drain.batch(256);
  assert.is(drain.ended, true);
  assert.is(handled, 1);
  assert.equal(log, [], "it is no fault of the handler");
  assert.throws(
    () => answerRing.reserve(RING_FILLER, 8),
    (error: unknown) => error instanceof ProgramEnded,
  );
});

test("worker is busy only when it stays at one event", () => {
  const status = createStatus();
  const words = new Int32Array(status);
  const watch = new BusyWatch(status, 0);
  words[STATUS_BUSY] = 1;
  words[STATUS_POSITION] = 1;
  assert.is(watch.busyFor(1_000), 0);
  assert.is(watch.busyFor(3_000), 2_000);
  words[STATUS_POSITION] = 2;
  assert.is(watch.busyFor(4_000), 0);
  words[STATUS_BUSY] = 0;
  assert.is(watch.busyFor(9_000), 0);
});

test.run();
