/** The packet path: what replay, flows and bytes in order cost, against the replay loop alone. */
import { testpmd } from "../peers/testpmd.ts";
import { forwarded, type Subject, tracked } from "../subjects.ts";
import type { TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { counting } from "./chains.ts";
import { against, againstPeer, type Comparison, type Over } from "./comparison.ts";

export function bare(trace: TraceSpec): Subject {
  return { kind: "chain", name: "bare", chain: "bench/chains/bare.mbx", trace, expected: forwarded };
}

/** The packets of each flow are counted, nobody hears what they carry. */
function countingFlows(name: string, trace: TraceSpec): Subject {
  return {
    kind: "chain",
    name,
    chain: `bench/chains/${name}.mbx`,
    trace,
    expected: (counts) => ({
      ...tracked(counts),
      "events.PKT_TCP": counts.events.PKT_TCP,
      "nfs.flows.handled": counts.events.PKT_TCP,
    }),
  };
}

const flows: Over = (trace) => countingFlows("flows", trace);

/** The same with a table that holds a million at a time. */
const millionFlows: Over = (trace) => countingFlows("flows-million", trace);

const one: Over = (trace) => counting(1, trace);
const six: Over = (trace) => counting(6, trace);

export const againstBare = (name: string, of: Over, trace: TraceSpec): Comparison =>
  against(bare(trace), name, of(trace));

export const pathRows: readonly Comparison[] = [
  againstPeer(testpmd, "replay", bare(traces.small)),
  againstPeer(testpmd, "replay-1448", bare(traces.large)),
  againstBare("flows", flows, traces.small),
  againstBare("flows-runs", flows, traces.smallRuns),
  againstBare("flows-short", flows, traces.smallShort),
  againstBare("flows-million", millionFlows, traces.smallMillion),
  againstBare("nf-1", one, traces.small),
  againstBare("nf-1-runs", one, traces.smallRuns),
  againstBare("nf-1-512", one, traces.middling),
  againstBare("nf-1-1448", one, traces.large),
  againstBare("nf-1-1448-runs", one, traces.largeRuns),
  againstBare("nf-1-imix", one, traces.mix),
  againstBare("nf-6", six, traces.small),
];
