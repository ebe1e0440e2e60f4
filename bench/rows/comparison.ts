/** What a row compares. */

import type { Peer } from "../peers/peer.ts";
import { peerSubject, type Subject } from "../subjects.ts";
import type { TraceCounts, TraceSpec } from "../trace/spec.ts";

/** What of two subjects is compared: packets a second, or how long half of the packets took at most. */
export type Compared = "packets" | "latency";

/** Packets a second of one subject over those of another, round by round; or their latencies. */
export interface Comparison {
  readonly name: string;
  readonly subject: Subject;
  readonly baseline: Subject;
  /** Packets a second unless given. */
  readonly compares?: Compared;
  /** The ratio is claimed to hold within this part of its median: 0.1 is ten per cent. */
  readonly claim: number;
  /** Of a ratio so near to 1 that `claim` would not tell it from 1. */
  readonly claimNearOne?: number;
  /** Calls of handlers that a lap of the subject has more than one of the baseline: their cycles are printed. */
  readonly calls?: (counts: TraceCounts) => number;
  /** CPUs that the two need: with fewer, lcores take them from each other, and nothing is measured. */
  readonly cpus?: number;
}

const CLAIM = 0.1;

export function against(baseline: Subject, name: string, subject: Subject): Comparison {
  return { name, subject, baseline, claim: CLAIM };
}

/** A subject of ours against a program of others that plays the same trace. */
export const againstPeer = (peer: Peer, name: string, subject: Subject): Comparison =>
  against(peerSubject(peer, subject.trace), name, subject);

/** What a subject is over any trace. */
export type Over = (trace: TraceSpec) => Subject;
