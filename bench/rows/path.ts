/** The packet path: what replay, flows and bytes in order cost, against the replay loop alone. */
import { testpmd } from "../peers/testpmd.ts";
import { type ChainSubject, tracked } from "../subjects.ts";
import type { TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { againstBare, bare } from "./bare.ts";
import { counting } from "./chains.ts";
import { againstPeer, type Comparison, type Over } from "./comparison.ts";

/** The packets of each flow are counted, nobody hears what they carry. */
function countingFlows(name: string, trace: TraceSpec): ChainSubject {
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

export const flows = (trace: TraceSpec): ChainSubject => countingFlows("flows", trace);

/**
 * The same with a table that holds a million at a time. Of a larger burst more lines are on
 * their way at once, and none of them is in a cache.
 */
export const millionFlows = (trace: TraceSpec): ChainSubject => ({
  ...countingFlows("flows-million", trace),
  run: ["--burst", "128"],
});

const one: Over = (trace) => counting(1, trace);
const six: Over = (trace) => counting(6, trace);

/** One function reads every byte of the client. */
const summing: Over = (trace) => ({
  kind: "chain",
  name: "every byte",
  chain: "bench/chains/sum.mbx",
  trace,
  expected: (counts) => ({
    ...tracked(counts),
    "events.DATA_TCP": counts.client.segments,
    "nfs.sum.handled": counts.client.segments,
  }),
});

/** Nobody reads a byte: checksums are believed, and the function takes the length alone. */
const untouched: Over = (trace) => ({
  ...counting(1, trace),
  name: "untouched",
  planned: ["--set", "all.checksum=trust"],
});

export const pathRows: readonly Comparison[] = [
  againstPeer(testpmd, "replay", bare(traces.small)),
  againstPeer(testpmd, "replay-1448", bare(traces.large)),
  againstBare("flows", flows, traces.small),
  againstBare("flows-runs", flows, traces.smallRuns),
  againstBare("flows-short", flows, traces.smallShort),
  againstBare("flows-million", millionFlows, traces.smallMillion),
  againstBare("flows-half-million", millionFlows, traces.smallHalfMillion),
  againstBare("nf-1", one, traces.small),
  againstBare("nf-1-runs", one, traces.smallRuns),
  againstBare("nf-1-512", one, traces.middling),
  againstBare("nf-1-1448", one, traces.large),
  againstBare("nf-1-1448-runs", one, traces.largeRuns),
  againstBare("nf-1-imix", one, traces.mix),
  againstBare("every-byte-1448", summing, traces.large),
  againstBare("untouched-1448", untouched, traces.large),
  againstBare("nf-6", six, traces.small),
];
