/** What is measured, over which trace, and what each lap must count. */

import { packetsOf } from "./trace/conversation.ts";
import { ATTACK_SEGMENT, type TraceCounts, type TraceSpec } from "./trace/trace.ts";

/** A chain over a trace. */
export interface Subject {
  readonly name: string;
  /** Relative to the clone's root. */
  readonly chain: string;
  readonly trace: TraceSpec;
  /** By the names that the summary's object has, dotted: `packets.in`, `nfs.count1.handled`. */
  readonly expected: (counts: TraceCounts, trace: TraceSpec) => Readonly<Record<string, number>>;
}

/** Packets a second of one subject over those of another, round by round. */
export interface Comparison {
  readonly name: string;
  readonly subject: Subject;
  readonly baseline: Subject;
  /** The ratio is claimed to hold within this part of its median: 0.1 is ten per cent. */
  readonly claim: number;
}

const ROUND_ROBIN_FLOWS = 1024;
const CLAIM = 0.1;

/** How many segments each flow needs for a trace of about so many packets. */
const segmentsFor = (packets: number, flows: number): number =>
  Math.max(4, Math.round(packets / flows) - packetsOf(0));

/** Bytes of Ethernet, IPv4 and TCP headers without options. */
const HEADERS = 54;
/** Nobody acknowledges in a trace: what a flow sends fits the window that its peer opened with. */
const WINDOW = 65_535;

const segmentsInWindow = (frame: number): number => Math.floor(WINDOW / (frame - HEADERS));

function forwarded(counts: TraceCounts): Readonly<Record<string, number>> {
  return { "packets.in": counts.packets, "packets.out": counts.packets, "counters.bytes.in": counts.bytes };
}

function bare(trace: TraceSpec): Subject {
  return { name: "bare", chain: "bench/chains/bare.mbx", trace, expected: forwarded };
}

function counting(length: number, trace: TraceSpec): Subject {
  return {
    name: `${length} NF`,
    chain: `bench/chains/nf-${length}.mbx`,
    trace,
    expected: (counts) => ({
      ...forwarded(counts),
      "flows.started": counts.flows,
      "flows.ended.fin": counts.flows,
      "events.DATA_TCP": counts.segments,
      ...Object.fromEntries(Array.from({ length }, (_, i) => [`nfs.count${i + 1}.handled`, counts.segments])),
    }),
  };
}

/** From the attack on, all packets of its flow are dropped, the close included. */
function ids(trace: TraceSpec): Subject {
  return {
    name: "ids",
    chain: "samples/ids/ids.mbx",
    trace,
    expected: (counts, { segments }) => {
      const dropped = counts.attacks * (packetsOf(segments) - packetsOf(0) / 2 - ATTACK_SEGMENT);
      return {
        "packets.in": counts.packets,
        "packets.out": counts.packets - dropped,
        "packets.dropped.flow": dropped,
        "flows.started": counts.flows,
        "flows.ended.fin": counts.flows,
        "events.DPI_DETECT": counts.flows,
        "events.IDS_ALERT": counts.attacks,
        "nfs.signature.handled":
          counts.flows + (counts.flows - counts.attacks) * segments + counts.attacks * (ATTACK_SEGMENT + 1),
        "nfs.alerts.handled": counts.attacks,
        "nfs.stats.handled": counts.flows,
      };
    },
  };
}

/** `packets`: about how many a trace of small frames has; one of large frames has a quarter. */
export function comparisons(packets: number): readonly Comparison[] {
  const small: TraceSpec = {
    name: "64 B",
    seed: 1,
    frame: 64,
    flows: ROUND_ROBIN_FLOWS,
    segments: segmentsFor(packets, ROUND_ROBIN_FLOWS),
    run: 1,
  };
  const httpSegments = Math.min(segmentsFor(packets / 4, ROUND_ROBIN_FLOWS), segmentsInWindow(512));
  const http: TraceSpec = {
    name: "HTTP 512 B",
    seed: 2,
    frame: 512,
    flows: Math.max(ROUND_ROBIN_FLOWS, Math.round(packets / 4 / (httpSegments + packetsOf(0)))),
    segments: httpSegments,
    run: 1,
    http: { attackEvery: 64 },
  };
  const [one, six] = [counting(1, small), counting(6, small)];
  return [
    { name: "nf-1", subject: one, baseline: bare(small), claim: CLAIM },
    { name: "nf-6", subject: six, baseline: bare(small), claim: CLAIM },
    { name: "nf-6-to-1", subject: six, baseline: one, claim: CLAIM },
    { name: "ids", subject: ids(http), baseline: bare(http), claim: CLAIM },
  ];
}
