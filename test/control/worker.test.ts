import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  buildTestProgram,
  nfSource,
  runProgram,
  startProgram,
  summaryOf,
  type TestNf,
} from "./support/program.ts";

/** Near the end of 32 bits: every ring wraps early in each test. */
const NEAR_WRAP = 0xffffffff - 100;

const CHECK_ORDER = nfSource(`
    let next = 0, faults = 0;
    const one = (base) => {
      if (host.events.u32[(base + 32) >> 2] !== next) faults++;
      next++;
    };
    return { handle: [one, one, one], end: () => console.log("order", next, faults) };`);

test("every event arrives once and in order, over many laps and past 2^32", async () => {
  for (const slots of [1, 3, 8]) {
    const nf = { name: "order", subscriptions: ["A", "B", "C"], source: CHECK_ORDER };
    const ended = await runProgram("order", [nf], {
      events: 100_000,
      kinds: 3,
      slots,
      eventSlots: 64,
      spillSlots: 1024,
      start: NEAR_WRAP,
    });
    assert.is(ended.code, 0, ended.stderr);
    assert.match(ended.printed, "order 100000 0\n");
    assert.is(summaryOf(ended).packets.in, 100_000);
  }
});

test("packet memory and the flow bound reach the handler", async () => {
  const source = nfSource(`
    console.log(new TextDecoder().decode(host.packets.subarray(0, 13)), host.flows);
    return { handle: [() => {}] };`);
  const ended = await runProgram("memory", [{ name: "memory", source }], { events: 1 });
  assert.match(ended.printed, "packet memory 64\n");
});

test("handler that throws is reported with event, flow, time and source line, and the chain goes on", async () => {
  const source = nfSource(
    `
    let handled = 0;
    const one = (base) => {
      handled++;
      host.reserve(0xffff, 3);            // not completed: must not reach the dataplane
      if (host.events.u32[(base + 32) >> 2] % 10 === 7) explode(host.events.u32[(base + 32) >> 2]);
    };
    return { handle: [one], end: () => console.log("handled", handled) };`,
    `function explode(number: number): never {
  throw new TypeError("number " + number);
}`,
  );
  const ended = await runProgram("throws", [{ name: "throws", subscriptions: ["IDS_ALERT"], source }], {
    events: 1000,
  });
  assert.is(ended.code, 0);
  assert.match(ended.printed, "handled 1000\n");
  assert.match(ended.stderr, "error[MBX7301]: `throws` threw at IDS_ALERT: TypeError: number 7\n");
  assert.match(ended.stderr, "flow 16777223, packet time 2023-11-14T22:13:20.000000007Z");
  assert.match(ended.stderr, /at explode \(throws\.ts:2:9\)\n/);
  assert.not.match(ended.stderr, "worker.mjs");
  assert.is(ended.stderr.split("MBX7301").length - 1, 10);
  assert.match(ended.stderr, "handlers of `throws` failed 100 times");
  assert.is(summaryOf(ended).nfs.throws?.errors, 100);
});

test("rejected promise and a throwing timer are reported", async () => {
  const source = nfSource(`
    let once = true;
    return { handle: [() => {
      if (!once) return;
      once = false;
      setTimeout(() => { throw new Error("late"); }, 1);
      (async () => { await 1; throw new Error("lost promise"); })();
    }], end: () => new Promise((done) => setTimeout(done, 50)) };`);
  const ended = await runProgram("promise", [{ name: "promise", source }], { events: 100 });
  assert.is(ended.code, 0);
  assert.match(ended.stderr, "error[MBX7307]: a promise of `promise` was rejected: lost promise");
  assert.match(ended.stderr, "error[MBX7301]: `promise` threw: late");
});

/** Publishes `copies` of each event it gets. */
const publisher = (copies: number) =>
  nfSource(`
    let got = 0;
    return { handle: [(base) => {
      got++;
      for (let i = 0; i < ${copies}; i++) {
        const to = host.reserve(0xffff, 1);
        host.answers.u32[(to + 32) >> 2] = host.events.u32[(base + 32) >> 2];
        host.answers.u16[to >> 1] = 64;
      }
    }], end: () => console.log("got", got) };`);

test("three workers on the smallest rings with 100 publications an event do not block each other", async () => {
  const last = nfSource(`
    let got = 0;
    return { handle: [() => { got++; }], end: () => console.log("last got", got) };`);
  const nfs: readonly TestNf[] = [
    { name: "first", source: publisher(100) },
    { name: "second", source: publisher(100) },
    { name: "third", source: last },
  ];
  const ended = await runProgram("deadlock", nfs, {
    events: 50,
    eventSlots: 16,
    answerSlots: 16,
    spillSlots: 64,
    start: NEAR_WRAP,
  });
  assert.is(ended.code, 0, ended.stderr);
  assert.match(ended.printed, "last got 500000\n");
  assert.is(summaryOf(ended).nfs.second?.published, 500_000);
});

test("answers to an event are there when the tail has passed it", async () => {
  // The loop ends once all tails have passed: what was answered by then is counted.
  const ended = await runProgram(
    "answers",
    [
      { name: "answers", source: publisher(1) },
      { name: "sink", source: publisher(0) },
    ],
    {
      events: 20_000,
      eventSlots: 32,
      answerSlots: 32,
    },
  );
  assert.is(summaryOf(ended).nfs.answers?.published, 20_000);
  assert.match(ended.printed, "got 20000\n");
});

test("what Node asks its own streams for has no answer once they are replaced", async () => {
  const source = nfSource(`
    const asked = [process.stdout, process.stderr].map((stream) =>
      Object.getOwnPropertySymbols(stream).find(({ description }) => description === "kStdioWantsMoreDataCallback"));
    process.stdout[asked[0]]();
    process.stderr[asked[1]]();
    return { handle: [() => {}], end: () => console.log("answered") };`);
  const ended = await runProgram("asked", [{ name: "asked", source }], { events: 1 });
  assert.match(ended.printed, "answered\n");
});

test("timers of a handler run under full load", async () => {
  const source = nfSource(`
    const times = [];
    let before = performance.now();
    setInterval(() => { const now = performance.now(); times.push(now - before); before = now; }, 100);
    let sum = 0;
    return { handle: [() => { for (let i = 0; i < 200; i++) sum += i; }],
             end: () => console.log("median", times.sort((a, b) => a - b)[times.length >> 1], times.length) };`);
  const nf = { name: "timers", source };
  const program = startProgram(buildTestProgram("timers", [nf]), "timers", [nf], { events: 0 });
  setTimeout(() => program.signal("SIGINT"), 2_500);
  const ended = await program.ended;
  assert.is(ended.code, 0, ended.stderr);
  const [, median, count] = /median ([\d.]+) (\d+)/.exec(ended.printed) ?? [];
  assert.ok(Number(count) >= 3, ended.printed);
  assert.ok(Number(median) < 200, `a timer of 100 ms fires after ${median} ms`);
});

test("slow handlers do not hold up timers for a whole batch", async () => {
  const source = nfSource(`
    let fired = 0;
    setInterval(() => fired++, 20);
    return { handle: [() => { const end = performance.now() + 5; while (performance.now() < end); }],
             end: () => console.log("fired", fired) };`);
  const ended = await runProgram("slow", [{ name: "slow", source }], { events: 300 });
  const [, fired] = /fired (\d+)/.exec(ended.printed) ?? [];
  assert.ok(Number(fired) > 20, ended.printed);
});

test("losses are told to the handler and counted once", async () => {
  const source = nfSource(`
    let got = 0, lost = 0;
    return { handle: [() => { got++; const end = performance.now() + 0.1; while (performance.now() < end); }],
             lost: (count) => { lost += count; },
             end: () => console.log("sum", got + lost, lost > 0) };`);
  const ended = await runProgram("lost", [{ name: "lost", source }], {
    events: 20_000,
    eventSlots: 64,
    spillSlots: 64,
    live: true,
    paceNs: 10_000,
  });
  assert.match(ended.printed, "sum 20000 true\n");
  assert.is(ended.stderr.split("MBX7306").length - 1, 1);
});

test("counting handler makes no garbage: no scavenge in two million events", async () => {
  const source = nfSource(
    `
    let count = 0, from = 0;
    return { handle: [() => {
      count++;
      if (count === 1_000_000) from = scavenges();
    }], end: () => console.log("events", count, "scavenges", scavenges() - from) };`,
    `import { getHeapSpaceStatistics } from "node:v8";
     import { PerformanceObserver, constants } from "node:perf_hooks";
     let seen = 0;
     new PerformanceObserver((list) => {
       for (const entry of list.getEntries()) if (entry.detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) seen++;
     }).observe({ entryTypes: ["gc"] });
     const scavenges = () => seen;`,
  );
  const ended = await runProgram("garbage", [{ name: "garbage", source }], {
    events: 3_000_000,
    eventSlots: 8192,
    spillSlots: 4096,
  });
  assert.match(ended.printed, "events 3000000 scavenges 0\n");
});

test.run();
