/** Chains of several functions: what each more of them costs, and what sharing a stack and batches save. */
import { type ChainSubject, tracked } from "../subjects.ts";
import type { TraceCounts, TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { bare } from "./bare.ts";
import { against, type Comparison } from "./comparison.ts";

/** `stacks` of them follow each flow, and each raises what its functions hear. */
function hearing(names: readonly string[], stacks: number) {
  return (counts: TraceCounts): Readonly<Record<string, number>> => ({
    ...tracked(counts),
    "flows.started": counts.flows * stacks,
    "flows.ended.fin": counts.flows * stacks,
    "events.DATA_TCP": counts.client.segments * stacks,
    ...Object.fromEntries(names.map((name) => [`nfs.${name}.handled`, counts.client.segments])),
  });
}

const numbered = (name: string, length: number): readonly string[] =>
  Array.from({ length }, (_, i) => `${name}${i + 1}`);

/** So many functions hear the client's bytes, and count them by flow. */
export function counting(length: number, trace: TraceSpec): ChainSubject {
  return {
    kind: "chain",
    name: `${length} NF`,
    chain: `bench/chains/nf-${length}.mbx`,
    trace,
    expected: hearing(numbered("count", length), 1),
  };
}

/** So many functions hear the client's bytes, and add their number to a counter each. */
export function adding(length: number, trace: TraceSpec): ChainSubject {
  return {
    kind: "chain",
    name: `${length} adding`,
    chain: `bench/chains/chain-${length}.mbx`,
    run: ["--latency"],
    trace,
    expected: hearing(numbered("add", length), 1),
  };
}

/** So many stacks take as many times as long, so they play fewer packets. */
const separate = (length: number, trace: TraceSpec): ChainSubject => ({
  ...adding(length, trace),
  oneIn: length / 2,
  name: `${length} adding, a stack each`,
  planned: ["--no-consolidate"],
  expected: hearing(numbered("add", length), length),
});

const eventByEvent = (length: number, trace: TraceSpec): ChainSubject => ({
  ...adding(length, trace),
  name: `${length} adding, event by event`,
  planned: ["--event-by-event"],
});

/** The last function on another core than its stack: each event of it goes through a ring. */
const onAnotherCore = (of: ChainSubject, length: number): ChainSubject => ({
  ...of,
  name: `${of.name}, the last on another core`,
  chain: `bench/chains/chain-${length}-core.mbx`,
  oneIn: 4,
});

const longer = (name: string, trace: TraceSpec): Comparison =>
  against(counting(1, trace), name, counting(6, trace));

/** The cycles of a call are those of the functions behind the first one. */
const six = (name: string, trace: TraceSpec): Comparison => ({
  ...against(adding(1, trace), name, adding(6, trace)),
  calls: ({ client }) => 5 * client.segments,
});

const LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8];
const EVEN = [2, 4, 6, 8];

const chain = (name: string, length: number, trace: TraceSpec): Comparison =>
  against(bare(trace), name, adding(length, trace));

const consolidated = (name: string, length: number, trace: TraceSpec): Comparison =>
  against(separate(length, trace), name, adding(length, trace));

const batched = (name: string, trace: TraceSpec): Comparison =>
  against(eventByEvent(6, trace), name, adding(6, trace));

const batchedToCore = (name: string, length: number, trace: TraceSpec): Comparison => ({
  ...against(
    onAnotherCore(eventByEvent(length, trace), length),
    name,
    onAnotherCore(adding(length, trace), length),
  ),
  cpus: 2,
});

export const chainRows: readonly Comparison[] = [
  longer("nf-6-to-1", traces.small),
  longer("nf-6-to-1-1448", traces.large),
  longer("nf-6-to-1-requests", traces.smallRequests),
  longer("nf-6-to-1-requests-8k", traces.largeRequests),
  six("six-to-one", traces.small),
  six("six-to-one-1448", traces.large),
  ...LENGTHS.map((length) => chain(`chain-${length}`, length, traces.smallRequests)),
  ...LENGTHS.map((length) => chain(`chain-${length}-8k`, length, traces.largeRequests)),
  ...EVEN.map((length) => consolidated(`consolidate-${length}`, length, traces.smallRequests)),
  ...EVEN.map((length) => consolidated(`consolidate-${length}-8k`, length, traces.largeRequests)),
  batched("batches", traces.small),
  batched("batches-requests", traces.smallRequests),
  batched("batches-requests-8k", traces.largeRequests),
  batchedToCore("batches-core", 1, traces.small),
  batchedToCore("batches-core-6", 6, traces.small),
];
