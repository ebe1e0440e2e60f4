/** Rows of handlers alone: TypeScript against C over the same records of a ring that was filled beforehand. */
import { holds, type Spread, spreadOf } from "../statistics.ts";
import type { TraceSpec } from "../trace/spec.ts";
import type { Trace } from "../trace/trace.ts";
import { prepareRing, type RingSubject } from "./run.ts";
import type { RingLap } from "./task.ts";

export interface RingRow {
  readonly name: string;
  /** What the handler does with which event. */
  readonly work: string;
  readonly subject: RingSubject;
  readonly trace: TraceSpec;
  /** Of the events that a round usually has, one in so many. */
  readonly oneIn?: number;
  /** As of `Comparison`. */
  readonly claim: number;
}

export interface MeasuredRing {
  readonly name: string;
  readonly work: string;
  readonly trace: string;
  readonly claim: number;
  /** Events a second of TypeScript over those of C, one for each round. */
  readonly rounds: readonly number[];
  readonly ratio: Spread;
  readonly holds: boolean;
  /** Events a second. */
  readonly ts: Spread;
  readonly c: Spread;
}

export interface RingConditions {
  readonly rounds: number;
  /** Of each side in a round. */
  readonly events: number;
  readonly march: string;
  readonly traceOf: (row: RingRow) => Trace;
  readonly progress: (text: string) => void;
}

/** Chains are built already. Rounds go through all rows. */
export async function measureRings(
  rows: readonly RingRow[],
  { rounds, events, march, traceOf, progress }: RingConditions,
): Promise<readonly MeasuredRing[]> {
  const all = rows.map((row) => ({
    row,
    run: prepareRing(row.subject, traceOf(row), march),
    laps: [] as RingLap[],
  }));
  for (let round = 0; round < rounds; round++)
    for (const { row, run, laps } of all) {
      progress(`round ${round + 1} of ${rounds}: ${row.name}`);
      laps.push(await run(Math.round(events / (row.oneIn ?? 1))));
    }
  return all.map(({ row, laps }) => measuredRing(row, traceOf(row).name, laps));
}

const SECOND_NS = 1e9;

function measuredRing({ name, work, claim }: RingRow, trace: string, laps: readonly RingLap[]): MeasuredRing {
  const rounds = laps.map(({ ts, c }) => c / ts);
  const rate = (side: "ts" | "c"): Spread =>
    spreadOf(laps.map((lap) => (lap.events / lap[side]) * SECOND_NS));
  return {
    ...{ name, work, trace, claim, rounds },
    ratio: spreadOf(rounds),
    holds: holds(rounds, claim),
    ts: rate("ts"),
    c: rate("c"),
  };
}
