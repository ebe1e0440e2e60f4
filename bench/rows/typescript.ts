/** The same function in C and in TypeScript: from a ring alone, and with the stack before it. */
import type { RingRow } from "../ring/ring.ts";
import { type ChainSubject, type Subject, tracked } from "../subjects.ts";
import type { TraceCounts, TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { counting } from "./chains.ts";
import { against, type Comparison } from "./comparison.ts";
import { flows } from "./path.ts";

/** Packets of each flow are counted in a worker. */
function flowsInWorker(trace: TraceSpec): Subject {
  return {
    kind: "chain",
    name: "flows, TypeScript",
    chain: "bench/chains/flows-ts.mbx",
    trace,
    expected: flows(trace).expected,
  };
}

/** The client's bytes are counted in a worker. */
function countingInWorker(trace: TraceSpec): Subject {
  return {
    kind: "chain",
    name: "1 NF, TypeScript",
    chain: "bench/chains/nf-1-ts.mbx",
    trace,
    expected: (counts) => ({
      ...tracked(counts),
      "events.DATA_TCP": counts.client.segments,
      "nfs.count1.handled": counts.client.segments,
    }),
  };
}

/** Packets wait for its verdict, so their latency has the way to the handler and back. */
function judging(language: "C" | "TypeScript", trace: TraceSpec, oneIn: number): ChainSubject {
  return {
    kind: "chain",
    name: `judging in ${language}`,
    chain: `bench/chains/judge${language === "C" ? "" : "-ts"}.mbx`,
    run: ["--latency", ...(trace.gapNs === undefined ? [] : ["--speed", "recorded"])],
    trace,
    oneIn,
    expected: (counts) => ({
      ...tracked(counts),
      "packets.dropped.nf": 0,
      "nfs.judge.handled": counts.events.PKT_TCP,
    }),
  };
}

/** Rounds differ by when a thread is woken. */
const LATENCY_CLAIM = 0.25;

const latency = (name: string, trace: TraceSpec, oneIn: number): Comparison => ({
  ...against(judging("C", trace, oneIn), name, judging("TypeScript", trace, oneIn)),
  claim: LATENCY_CLAIM,
  compares: "latency",
  cpus: 2,
});

export const typescriptRows: readonly Comparison[] = [
  against(flows(traces.small), "typescript-flows", flowsInWorker(traces.small)),
  against(counting(1, traces.small), "typescript-nf-1", countingInWorker(traces.small)),
  latency("typescript-latency", traces.smallPaced, 2),
  latency("typescript-latency-slow", traces.smallSlow, 32),
  latency("typescript-latency-full", traces.small, 1),
];

const CLAIM = 0.1;

const handled =
  (nf: string, of: (counts: TraceCounts) => number) =>
  (counts: TraceCounts): Readonly<Record<string, number>> => ({
    "packets.in": counts.packets,
    [`nfs.${nf}.handled`]: of(counts),
  });

function ring(
  chain: string,
  nf: string,
  work: string,
  trace: TraceSpec,
  of: (counts: TraceCounts) => number,
  oneIn = 1,
): RingRow {
  const subject = { chain: `bench/chains/rings/${chain}.mbx`, nf, expected: handled(nf, of) };
  return { name: `typescript-ring-${nf}`, work, subject, trace, oneIn, claim: CLAIM };
}

const packets = ({ events }: TraceCounts): number => events.PKT_TCP;
const pieces = ({ client }: TraceCounts): number => client.segments;
const lives = ({ events }: TraceCounts): number =>
  events.FLOW_START + events.FLOW_ESTABLISHED + events.FLOW_END;

export const ringRows: readonly RingRow[] = [
  ring("packets", "packet", "PKT_TCP, fields added up", traces.smallShort, packets),
  ring("packets", "flow", "FLOW_START, _ESTABLISHED, _END, fields added up", traces.smallShort, lives),
  ring("packets", "user", "an event of its own, fields added up", traces.smallShort, packets),
  ring("packets", "state", "PKT_TCP, state of the flow", traces.smallShort, packets),
  ring("packets", "map", "PKT_TCP, a Map by flow; C: state", traces.smallShort, packets),
  ring("packets", "table", "PKT_TCP, a Map by flow; C: rte_hash", traces.smallShort, packets),
  ring("packets", "publish", "PKT_TCP, an event published for each", traces.smallShort, packets),
  ring("bytes", "piece", "DATA_TCP, fields added up", traces.small, pieces),
  ring("bytes", "first", "DATA_TCP, 16 bytes added up; C: vectors", traces.middling, pieces),
  ring("bytes", "words", "DATA_TCP, 16 bytes read as numbers", traces.middling, pieces),
  ring("bytes", "scan", "DATA_TCP, 1448 bytes through a table of states", traces.large, pieces, 8),
  ring("bytes", "whole", "DATA_TCP, 1448 bytes added up; C: vectors", traces.large, pieces, 2),
  ring("verdicts", "verdict", "PKT_TCP, each dropped", traces.small, packets),
];
