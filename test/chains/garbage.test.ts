// time limit: 600 s
// alone: a timer has to fire in time
// A worker under full load: no event makes garbage, and the event loop stays alive.
// `MBX_TEST_EVENTS=10000000 npm test -- garbage` does it with ten million events of each kind.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { udpFrame } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";

const ASKED = process.env.MBX_TEST_EVENTS;
const EVENTS = Number(ASKED ?? 1_000_000);
/** As `garbage/watch.ts` has them. Most must be free of garbage: V8 may compile anew within one. */
const WINDOWS = 8;
/** Bytes an event, a quarter of the smallest object: the event loop leaves some, of many events. */
const GARBAGE = 4;
/** Where cores are shared, V8 compiles late: until then a publication makes an object. */
const WARM_UP = 4_000_000;
const FLOWS = 32;
/** Of a flow: so many that flows are few, as they may cost something. */
const PACKETS = Math.max(1024, Math.round(EVENTS / 4096));

const WORK = ["plain", "bytes", "table", "state", "speak", "choose", "judge"];

const frames = (dport: number): readonly Buffer[] => {
  const each = Array.from({ length: FLOWS }, (_, i) =>
    udpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport: 2000 + i, dport }, "sixteen bytes..."),
  );
  return Array.from({ length: PACKETS }, () => each).flat();
};

/** For a second or more, so that a timer fires often enough. */
const TIMED_EVENTS = 10_000_000;

interface Observed {
  /** Bytes, of windows of events that follow each other. */
  readonly allocated: readonly number[];
  readonly scavenges: number;
  /** Milliseconds between two calls of a timer of 100 ms. */
  readonly gaps: readonly number[];
}

let built: BuiltChain;

async function observe(name: string, events: number, core?: number): Promise<Observed> {
  // A lap more than is needed.
  const laps = Math.ceil((WARM_UP + events) / (FLOWS * PACKETS)) + 1;
  const sent = laps * FLOWS * PACKETS;
  const run = await built.run(spaced(frames(1001 + WORK.indexOf(name))), {
    laps,
    written: false,
    limit: 240_000,
    env: { MBX_TEST_WARM_UP: String(WARM_UP), MBX_TEST_EVENTS: String(events) },
    ...(core === undefined ? {} : { core }),
  });
  assert.is(run.summary.events.PKT_UDP, sent);
  assert.ok((run.summary.nfs[name]?.handled ?? 0) >= sent, "not all events were handled");
  assert.is(run.summary.nfs[name]?.errors, 0, run.stderr);
  const [, allocated = "", gaps = ""] = /^\w+ allocated (.*), gaps (.*)$/.exec(run.log[0] ?? "") ?? [];
  const windows = allocated.split(" ").filter(Boolean);
  const known = windows.filter((window) => window !== "scavenged");
  return {
    allocated: known.map(Number),
    scavenges: windows.length - known.length,
    gaps: gaps.split(" ").filter(Boolean).map(Number),
  };
}

test.before(async () => {
  built = await buildChain("garbage");
});

for (const name of WORK)
  test(`${name}: something is allocated for each event`, async () => {
    const { allocated, scavenges } = await observe(name, EVENTS);
    const few = allocated.filter((bytes) => bytes < (EVENTS / WINDOWS) * GARBAGE);
    assert.ok(
      few.length > WINDOWS / 2,
      `windows of ${EVENTS / WINDOWS} events: ${allocated} bytes, ${scavenges} scavenged`,
    );
    if (ASKED !== undefined) assert.is(scavenges, 0);
  });

for (const core of [undefined, 0])
  test(`a timer of 100 ms fires after 200 under full load${core === undefined ? "" : " on one core"}`, async () => {
    const { gaps } = await observe("bytes", TIMED_EVENTS, core);
    const sorted = [...gaps].sort((a, b) => a - b);
    assert.ok(sorted.length >= 3, `the load was over too soon: ${gaps}`);
    assert.ok((sorted[Math.floor(sorted.length / 2)] ?? Number.NaN) < 200, `gaps of ${gaps}`);
  });

test.run();
