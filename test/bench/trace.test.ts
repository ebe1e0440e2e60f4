/** Traces of the bench hold what they say. */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { segmentsOf as flowSegments, MOST_FLOWS } from "../../bench/trace/flow.ts";
import { inRuns, randomOrder, roundRobin, shortFlows } from "../../bench/trace/order.ts";
import { scriptsOf } from "../../bench/trace/script.ts";
import { answersOf, framesOf, imix, requestsOf, segmentsOf } from "../../bench/trace/size.ts";
import { type TraceSpec, traceName } from "../../bench/trace/spec.ts";
import { makeTrace } from "../../bench/trace/trace.ts";
import { traces } from "../../bench/traces.ts";
import { makeTempFolder } from "../support/temp.ts";
import { countsOf, foldedSum, outOfPlace, readSegments } from "./plain-reader.ts";

const HTTP: TraceSpec = {
  seed: 7,
  size: framesOf(128),
  each: 4,
  order: inRuns(6, 2),
  http: { attackEvery: 3 },
};
const MIXED: TraceSpec = {
  seed: 9,
  size: answersOf(512, 4096),
  each: 3,
  order: roundRobin(40),
  http: { attackEvery: 16, mixed: true },
};
const SPECS: readonly TraceSpec[] = [
  HTTP,
  MIXED,
  { seed: 1, size: framesOf(64), each: 5, order: roundRobin(9) },
  { seed: 2, size: framesOf(512), each: 200, order: inRuns(3, 32) },
  { seed: 3, size: segmentsOf(1448), each: 70, order: roundRobin(4) },
  { seed: 4, size: imix, each: 24, order: shortFlows(30, 7) },
  { seed: 5, size: imix, each: 5, order: roundRobin(8) },
  { seed: 6, size: requestsOf(64), each: 3, order: randomOrder(11) },
  { seed: 7, size: requestsOf(8192), each: 3, order: roundRobin(5) },
  { seed: 8, size: framesOf(64), each: 2, order: randomOrder(700) },
];

for (const spec of SPECS) {
  const name = traceName(spec);
  const trace = makeTrace(spec, makeTempFolder("trace"));
  const segments = readSegments(trace.path);

  test(`${name}: a plain reader counts what the trace says`, () => {
    const { attacks, attacked, httpFlows, leaks, ...counts } = trace.counts;
    assert.equal(countsOf(segments), counts);
  });

  test(`${name}: IP and TCP checksums are right in every frame`, () => {
    for (const { frame } of segments) {
      assert.is(foldedSum(frame.subarray(14, 34)), 0xffff);
      assert.is(foldedSum(frame.subarray(26), 6 + frame.length - 34), 0xffff);
    }
  });

  test(`${name}: each side's segments follow on each other, within the window, and each acknowledges all`, () => {
    assert.equal(outOfPlace(segments).slice(0, 10), []);
  });
}

const small = (spec: TraceSpec) => readSegments(makeTrace(spec, makeTempFolder("trace")).path);

test("of as many flows as a trace may have no two have the same address and port", () => {
  const segmentOf = flowSegments({ seed: 1, size: framesOf(64), each: 1, order: randomOrder(MOST_FLOWS) });
  const [syn] = scriptsOf(framesOf(64), 1)[0] ?? [];
  if (syn === undefined) throw new Error("a script begins with a SYN");
  const ends = new Set<number>();
  for (let flow = 0; flow < MOST_FLOWS; flow++) {
    const { from } = segmentOf(flow, syn);
    ends.add(from.ip * 65_536 + from.port);
  }
  assert.is(ends.size, MOST_FLOWS);
});

test("applications and what servers say too much are not where they are counted", () => {
  const { path, counts } = makeTrace(MIXED, makeTempFolder("trace"));
  const segments = readSegments(path);
  const flowsWith = (text: string) =>
    new Set(segments.flatMap(({ flow, payload }) => (payload.includes(text) ? [flow] : [])));
  const http = flowsWith("GET /");
  assert.is(http.size, counts.httpFlows);
  assert.is(counts.httpFlows, 10);
  const leaks = flowsWith("error in your SQL syntax");
  assert.is(leaks.size, counts.leaks);
  assert.is(counts.leaks, 2);
  const attacks = flowsWith("UNION SELECT");
  assert.is(attacks.size, counts.attacks);
  for (const flow of [...leaks, ...attacks]) assert.ok(http.has(flow));
  for (const flow of leaks) assert.not(attacks.has(flow));
  assert.is(flowsWith("\x16\x03\x01").size, 20);
});

test("attacks are where they are counted, and so are the packets from them on", () => {
  const { path, counts } = makeTrace(HTTP, makeTempFolder("trace"));
  const segments = readSegments(path);
  const isAttack = ({ payload }: { readonly payload: Buffer }) => payload.includes("UNION SELECT");
  assert.is(segments.filter(isAttack).length, counts.attacks);
  const behind = segments.filter(({ flow }, i) =>
    segments.slice(0, i + 1).some((earlier) => earlier.flow === flow && isAttack(earlier)),
  );
  assert.is(behind.length, counts.attacked);
});

test("of twelve frames of IMIX seven have 64 bytes on the wire, four 594 and one 1518", () => {
  const segments = small({ seed: 4, size: imix, each: 24, order: roundRobin(5) });
  const lengths = segments.filter(({ payload }) => payload.length > 0).map(({ frame }) => frame.length + 4);
  const share = (length: number) => (lengths.filter((l) => l === length).length * 12) / lengths.length;
  assert.equal([share(64), share(594), share(1518)], [7, 4, 1]);
});

test("a request of 8 KB has 8,192 bytes, and an answer", () => {
  const segments = small({ seed: 1, size: requestsOf(8192), each: 1, order: roundRobin(1) });
  const data = segments.filter(({ payload }) => payload.length > 0);
  assert.equal(
    data.map(({ fromServer, payload }) => [fromServer, payload.length]),
    [...Array.from({ length: 5 }, () => [false, 1448]), [false, 952], [true, 64]],
  );
});

/** How many packets of one flow come in a row, each time. */
function runLengths(spec: TraceSpec): readonly number[] {
  const runs: number[] = [];
  let last = "";
  for (const { flow } of small(spec)) {
    if (flow === last) runs.push((runs.pop() ?? 0) + 1);
    else runs.push(1);
    last = flow;
  }
  return runs;
}

test("in round robin every packet is of another flow than the one before", () => {
  assert.equal(
    new Set(runLengths({ seed: 1, size: framesOf(64), each: 5, order: roundRobin(9) })),
    new Set([1]),
  );
});

test("packets of a flow come in runs of the length asked for, the last of each flow is shorter", () => {
  const lengths = runLengths({ seed: 1, size: framesOf(64), each: 64, order: inRuns(3, 32) });
  assert.equal(lengths, [32, 32, 32, 32, 32, 32, 6, 6, 6]);
});

test("of short flows no more are open than asked for", () => {
  const segments = small({ seed: 1, size: framesOf(64), each: 4, order: shortFlows(30, 7) });
  const packets = new Map<string, number>();
  let most = 0;
  for (const { flow } of segments) {
    packets.set(flow, (packets.get(flow) ?? 0) + 1);
    most = Math.max(most, [...packets.values()].filter((n) => n < 10).length);
  }
  assert.is(most, 7);
});

test("in random order each round has all flows, and no two rounds the same order", () => {
  const segments = small({ seed: 1, size: framesOf(64), each: 2, order: randomOrder(50) });
  const rounds = Array.from({ length: 8 }, (_, i) =>
    segments.slice(i * 50, (i + 1) * 50).map(({ flow }) => flow),
  );
  for (const round of rounds) assert.is(new Set(round).size, 50);
  assert.is(new Set(rounds.map(String)).size, 8);
});

test("the same specification makes the same bytes", () => {
  const [one, other] = [makeTempFolder("trace"), makeTempFolder("trace")].map((folder) =>
    readFileSync(makeTrace(HTTP, folder).path),
  );
  assert.ok(one !== undefined && other?.equals(one));
});

test("a trace is made once, and another one when anything of its specification changes", () => {
  const folder = makeTempFolder("trace");
  const first = makeTrace(HTTP, folder);
  const { mtimeMs, ino } = statSync(first.path);
  const again = statSync(makeTrace(HTTP, folder).path);
  assert.equal([again.mtimeMs, again.ino], [mtimeMs, ino]);
  const others = [
    { ...HTTP, seed: 8 },
    { ...HTTP, each: 5 },
    { ...HTTP, size: framesOf(129) },
    { ...HTTP, order: roundRobin(6) },
    { ...HTTP, http: { attackEvery: 2 } },
  ].map((spec) => makeTrace(spec, folder).path);
  assert.is(new Set([first.path, ...others]).size, 6);
  assert.is(readdirSync(folder).length, 6);
});

test("a trace that is gone is made again", () => {
  const folder = makeTempFolder("trace");
  const { path } = makeTrace(HTTP, folder);
  rmSync(path);
  assert.is(statSync(makeTrace(HTTP, folder).path).isFile(), true);
});

test("a paced trace has its gap between frames, and is another file than one without", () => {
  const [paced] = SPECS.map((spec) => ({ ...spec, gapNs: 5000 }));
  const [plain] = SPECS;
  if (paced === undefined || plain === undefined) throw new Error("there are specifications");
  const folder = makeTempFolder("trace");
  const [slow, fast] = [makeTrace(paced, folder), makeTrace(plain, folder)];
  const times = (path: string): readonly number[] => {
    const file = readFileSync(path);
    const second = 24 + 16 + file.readUInt32LE(24 + 8);
    return [file.readUInt32LE(24 + 4), file.readUInt32LE(second + 4)];
  };
  assert.equal(times(slow.path), [0, 5000]);
  assert.equal(times(fast.path), [0, 100]);
  assert.match(slow.name, /, one in 5 us$/);
});

test("traces of the bench have names of their own", () => {
  const names = Object.values(traces).map(traceName);
  assert.is(new Set(names).size, names.length);
  assert.ok(names.includes("64 B frames, 1,024 flows round robin"));
  assert.ok(names.includes("64 B frames, 1,048,576 flows in random order"));
});

test.run();
