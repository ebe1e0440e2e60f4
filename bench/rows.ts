/** Which subjects are compared. */
import { suricata } from "./peers/suricata.ts";
import { testpmd } from "./peers/testpmd.ts";
import { bare, counting, flows, ids, millionFlows, peerSubject, type Subject } from "./subjects.ts";
import type { TraceSpec } from "./trace/spec.ts";
import { traces } from "./traces.ts";

/** Packets a second of one subject over those of another, round by round. */
export interface Comparison {
  readonly name: string;
  readonly subject: Subject;
  readonly baseline: Subject;
  /** The ratio is claimed to hold within this part of its median: 0.1 is ten per cent. */
  readonly claim: number;
}

const CLAIM = 0.1;

function against(baseline: Subject, name: string, subject: Subject): Comparison {
  return { name, subject, baseline, claim: CLAIM };
}

const againstBare = (name: string, of: (trace: TraceSpec) => Subject, trace: TraceSpec): Comparison =>
  against(bare(trace), name, of(trace));

const one = (trace: TraceSpec): Subject => counting(1, trace);
const six = (trace: TraceSpec): Subject => counting(6, trace);
const longer = (name: string, trace: TraceSpec): Comparison => against(one(trace), name, six(trace));

const replayed = (name: string, trace: TraceSpec): Comparison =>
  against(peerSubject(testpmd, trace), name, bare(trace));

export const comparisons: readonly Comparison[] = [
  replayed("replay", traces.small),
  replayed("replay-1448", traces.large),
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
  longer("nf-6-to-1", traces.small),
  longer("nf-6-to-1-1448", traces.large),
  longer("nf-6-to-1-requests", traces.smallRequests),
  longer("nf-6-to-1-requests-8k", traces.largeRequests),
  againstBare("ids", ids, traces.http),
  against(peerSubject(suricata, traces.httpLong), "ids-suricata", ids(traces.httpLong)),
];

/** A whole name means that row alone, a part of names all that have it, no name at all every row. */
export function rowsNamed<R extends { readonly name: string }>(
  rows: readonly R[],
  names: readonly string[],
): readonly R[] {
  if (names.length === 0) return rows;
  const isWhole = (name: string): boolean => rows.some((row) => row.name === name);
  return rows.filter((row) =>
    names.some((name) => (isWhole(name) ? row.name === name : row.name.includes(name))),
  );
}
