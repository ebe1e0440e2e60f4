/** Two functions one after the other on one core, and on two: in line, so that packets wait for both. */
import { type ChainSubject, tracked } from "../subjects.ts";
import type { TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { against, type Comparison } from "./comparison.ts";

function working(name: string, chain: string, functions: readonly string[], trace: TraceSpec): ChainSubject {
  return {
    kind: "chain",
    name,
    chain: `bench/chains/${chain}.mbx`,
    run: ["--latency"],
    trace,
    oneIn: 4,
    expected: (counts) => ({
      ...tracked(counts),
      "packets.dropped.nf": 0,
      ...Object.fromEntries(functions.map((nf) => [`nfs.${nf}.handled`, counts.client.segments])),
    }),
  };
}

const one = (trace: TraceSpec): ChainSubject => working("1 working", "work-1", ["work1"], trace);
const both = ["work1", "work2"];
const sequence = (trace: TraceSpec): ChainSubject => working("2 in sequence", "work-2", both, trace);
const parallel = (trace: TraceSpec): ChainSubject =>
  working("2 in parallel, on 2 cores", "parallel-2", both, trace);
const pipeline = (trace: TraceSpec): ChainSubject =>
  working("2 in sequence, on 2 cores", "pipeline-2", both, trace);

const onTwo = (name: string, baseline: ChainSubject, subject: ChainSubject): Comparison => ({
  ...against(baseline, name, subject),
  cpus: 2,
});

export const parallelRows: readonly Comparison[] = [
  against(one(traces.large), "sequence-2", sequence(traces.large)),
  onTwo("parallel-2", sequence(traces.large), parallel(traces.large)),
  onTwo("pipeline-2", sequence(traces.large), pipeline(traces.large)),
];
