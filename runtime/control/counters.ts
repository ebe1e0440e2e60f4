/** The flat array of `Dataplane.counters`, and the names in it. */
import type { ProgramDescription } from "./dataplane.ts";

/** Of a port, in this order. */
export const portCounters = ["in", "out", "bytes_in", "bytes_out", "missed", "refused"] as const;

/** `struct nf_counters` of lcore/program.h, in order. */
export const nfCounters = ["handled", "published", "dropped", "switched", "lost", "errors"] as const;

/**
 * Where what stands: first the counters of the description, summed over
 * lcores; then for each port its `portCounters`; then for each chain: flows in
 * the table now, for each NF its `nfCounters`, for each event type how often it
 * was raised for somebody who heard it.
 */
export interface CounterLayout {
  readonly size: number;
  readonly ports: number;
  readonly chains: readonly { readonly flows: number; readonly nfs: number; readonly events: number }[];
}

export function counterLayout(description: ProgramDescription): CounterLayout {
  const ports = description.counters.length;
  let next = ports + description.ports.length * portCounters.length;
  const chains = description.chains.map((chain) => {
    const flows = next;
    const nfs = flows + 1;
    const events = nfs + chain.nfs.length * nfCounters.length;
    next = events + chain.events.length;
    return { flows, nfs, events };
  });
  return { size: next, ports, chains };
}
