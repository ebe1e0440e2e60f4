/** Which comparisons can be made here: those whose peers are installed. */
import type { Absent } from "../measure.ts";
import type { Comparison } from "../rows/comparison.ts";
import { findPeer, type Peer } from "./peer.ts";

const peersOf = ({ subject, baseline }: Comparison): readonly Peer[] =>
  [subject, baseline].flatMap((side) => (side.kind === "peer" ? [side.peer] : []));

export interface Present {
  readonly rows: readonly Comparison[];
  readonly absent: readonly Absent[];
}

export function presentRows(all: readonly Comparison[], find: (peer: Peer) => string | undefined): Present {
  const missing = new Map<Peer, Comparison[]>();
  const rows = all.filter((row) => {
    const absent = peersOf(row).filter((peer) => find(peer) === undefined);
    for (const peer of absent) missing.set(peer, [...(missing.get(peer) ?? []), row]);
    return absent.length === 0;
  });
  return {
    rows,
    absent: [...missing].map(([{ name, origin }, comparisons]) => ({
      peer: name,
      origin,
      comparisons: comparisons.map((row) => row.name),
    })),
  };
}

export const installedRows = (all: readonly Comparison[]): Present =>
  presentRows(all, (peer) => findPeer(peer));
