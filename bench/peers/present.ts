/** Which comparisons can be made here: those whose peers are installed, and that have the CPUs they need. */
import { availableParallelism } from "node:os";
import type { Absent } from "../measure.ts";
import type { Comparison } from "../rows/comparison.ts";
import { findPeer, type Peer } from "./peer.ts";

export interface Present {
  readonly rows: readonly Comparison[];
  readonly absent: readonly Absent[];
}

export interface Machine {
  readonly find: (peer: Peer) => string | undefined;
  readonly cpus: number;
}

const peersOf = ({ subject, baseline }: Comparison): readonly Peer[] =>
  [subject, baseline].flatMap((side) => (side.kind === "peer" ? [side.peer] : []));

/** What a comparison needs that is not there. */
function lacking({ find, cpus }: Machine, row: Comparison): readonly string[] {
  const missing = peersOf(row)
    .filter((peer) => find(peer) === undefined)
    .map(({ name, origin }) => `${name} is not installed (${origin})`);
  const wanted = row.cpus ?? 1;
  const few = wanted > cpus ? [`${wanted} CPUs are needed, each for an lcore, and ${cpus} are there`] : [];
  return [...missing, ...few];
}

export function presentRows(all: readonly Comparison[], machine: Machine): Present {
  const missing = new Map<string, string[]>();
  const rows = all.filter((row) => {
    const reasons = lacking(machine, row);
    for (const reason of reasons) missing.set(reason, [...(missing.get(reason) ?? []), row.name]);
    return reasons.length === 0;
  });
  return { rows, absent: [...missing].map(([reason, comparisons]) => ({ reason, comparisons })) };
}

export const installedRows = (all: readonly Comparison[]): Present =>
  presentRows(all, { find: (peer) => findPeer(peer), cpus: availableParallelism() });
