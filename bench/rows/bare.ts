/** The replay loop by itself: what others are compared with. */
import { type ChainSubject, forwarded } from "../subjects.ts";
import type { TraceSpec } from "../trace/spec.ts";
import { against, type Comparison, type Over } from "./comparison.ts";

export function bare(trace: TraceSpec): ChainSubject {
  return { kind: "chain", name: "bare", chain: "bench/chains/bare.mbx", trace, expected: forwarded };
}

export const againstBare = (name: string, of: Over, trace: TraceSpec): Comparison =>
  against(bare(trace), name, of(trace));
