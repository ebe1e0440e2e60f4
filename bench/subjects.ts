/** What is measured: a chain or a peer over a trace, and what each lap must count. */
import type { Peer } from "./peers/peer.ts";
import { type TraceCounts, type TraceSpec, traceName } from "./trace/spec.ts";

export interface ChainSubject {
  readonly kind: "chain";
  readonly name: string;
  /** Relative to the clone's root. */
  readonly chain: string;
  /** Flags of `mbx build` and `mbx run` that the chain is compiled with. */
  readonly planned?: readonly string[];
  /** Flags of `mbx run` alone. */
  readonly run?: readonly string[];
  /** Compiled in a copy of the clone without one optimisation: a patch of `bench/without`. */
  readonly without?: string;
  readonly trace: TraceSpec;
  /** Of the packets that a run usually plays, one in so many: a row is to end within a minute. Below 1: more. */
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

/** The chain's file and how it is compiled, or the peer's program. */
export const programOf = (subject: Subject): string =>
  subject.kind === "chain"
    ? [
        subject.chain,
        ...(subject.planned ?? []),
        ...(subject.run ?? []),
        ...(subject.without === undefined ? [] : [`without ${subject.without}`]),
      ].join(" ")
    : subject.peer.program;

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

/** Every packet comes in and leaves. */
export function forwarded(counts: TraceCounts): Readonly<Record<string, number>> {
  return { "packets.in": counts.packets, "packets.out": counts.packets, "counters.bytes.in": counts.bytes };
}

/** Every flow is seen from its handshake to its close. */
export function tracked(counts: TraceCounts): Readonly<Record<string, number>> {
  return { ...forwarded(counts), "flows.started": counts.flows, "flows.ended.fin": counts.flows };
}
