/** Chains of several functions: what each more of them costs. */
import { type Subject, tracked } from "../subjects.ts";
import type { TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { against, type Comparison } from "./comparison.ts";

/** So many functions hear the client's bytes. */
export function counting(length: number, trace: TraceSpec): Subject {
  const names = Array.from({ length }, (_, i) => `nfs.count${i + 1}.handled`);
  return {
    kind: "chain",
    name: `${length} NF`,
    chain: `bench/chains/nf-${length}.mbx`,
    trace,
    expected: (counts) => ({
      ...tracked(counts),
      "events.DATA_TCP": counts.client.segments,
      ...Object.fromEntries(names.map((name) => [name, counts.client.segments])),
    }),
  };
}

const longer = (name: string, trace: TraceSpec): Comparison =>
  against(counting(1, trace), name, counting(6, trace));

export const chainRows: readonly Comparison[] = [
  longer("nf-6-to-1", traces.small),
  longer("nf-6-to-1-1448", traces.large),
  longer("nf-6-to-1-requests", traces.smallRequests),
  longer("nf-6-to-1-requests-8k", traces.largeRequests),
];
