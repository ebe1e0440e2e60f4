/** What is measured: a chain or a peer over a trace, and what each lap must count. */
import type { Peer } from "./peers/peer.ts";
import { ATTACK_SEGMENT, type TraceCounts, type TraceSpec, traceName } from "./trace/spec.ts";

export interface ChainSubject {
  readonly kind: "chain";
  readonly name: string;
  /** Relative to the clone's root. */
  readonly chain: string;
  readonly trace: TraceSpec;
  /** Of the packets that a run usually plays, one in so many: a row is to end within a minute. */
  readonly oneIn?: number;
  /**
   * Of one lap, by the names that the summary's object has, dotted:
   * `packets.in`, `nfs.count1.handled`.
   */
  readonly expected: (counts: TraceCounts) => Readonly<Record<string, number>>;
}

/** A program of others over a trace. */
export interface PeerSubject {
  readonly kind: "peer";
  readonly name: string;
  readonly peer: Peer;
  readonly trace: TraceSpec;
}

export type Subject = ChainSubject | PeerSubject;

/** The chain's file, or the peer's program. */
export const programOf = (subject: Subject): string =>
  subject.kind === "chain" ? subject.chain : subject.peer.program;

export const keyOf = (subject: Subject): string => `${programOf(subject)} over ${traceName(subject.trace)}`;

/** How many times a run plays the trace, for about so many packets in all. */
export function lapsOf(subject: Subject, { packets }: TraceCounts, played: number): number {
  const oneIn = subject.kind === "chain" ? (subject.oneIn ?? 1) : 1;
  return Math.max(1, Math.round(played / oneIn / packets));
}

export const peerSubject = (peer: Peer, trace: TraceSpec): Subject => ({
  kind: "peer",
  name: peer.name,
  peer,
  trace,
});

function forwarded(counts: TraceCounts): Readonly<Record<string, number>> {
  return { "packets.in": counts.packets, "packets.out": counts.packets, "counters.bytes.in": counts.bytes };
}

function tracked(counts: TraceCounts): Readonly<Record<string, number>> {
  return { ...forwarded(counts), "flows.started": counts.flows, "flows.ended.fin": counts.flows };
}

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

export const flows = (trace: TraceSpec): Subject => countingFlows("flows", trace);

/** The same with a table that holds a million at a time. */
export const millionFlows = (trace: TraceSpec): Subject => countingFlows("flows-million", trace);

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

/** From the attack on, all packets of its flow are dropped, the close included. */
export function ids(trace: TraceSpec): Subject {
  return {
    kind: "chain",
    name: "ids",
    chain: "samples/ids/ids.mbx",
    trace,
    oneIn: 8,
    expected: (counts) => {
      const ofFlow = counts.client.segments / counts.flows;
      return {
        ...tracked(counts),
        "packets.out": counts.packets - counts.attacked,
        "packets.dropped.flow": counts.attacked,
        "events.DPI_DETECT": counts.flows,
        "events.IDS_ALERT": counts.attacks,
        "nfs.signature.handled":
          counts.flows + (counts.flows - counts.attacks) * ofFlow + counts.attacks * (ATTACK_SEGMENT + 1),
        "nfs.alerts.handled": counts.attacks,
        "nfs.stats.handled": counts.flows,
      };
    },
  };
}
