/** Rounds of interleaved runs. */

import { duration } from "./duration.ts";
import type { Run } from "./lap.ts";
import type { Compared, Comparison } from "./rows/comparison.ts";
import { holds, type Spread, spreadOf } from "./statistics.ts";
import { keyOf, programOf, type Subject } from "./subjects.ts";
import type { Trace } from "./trace/trace.ts";

export interface MeasuredSubject {
  readonly name: string;
  /** A chain's file or a peer's name. */
  readonly program: string;
  readonly trace: string;
  /** Of the trace; each lap plays all. */
  readonly packets: number;
  /** Whether they are in memory before the clock starts. */
  readonly inMemory: boolean;
  readonly laps: number;
  /** Distinct ones in a run: in our laps those of each are new, a peer plays the same again. */
  readonly flows: number;
  /** Whether packets were in hugepages in all rounds. */
  readonly hugepages: boolean;
  /** One for each round. */
  readonly runs: readonly Omit<Run, "hugepages">[];
  readonly packetsPerSecond: Spread;
}

export interface MeasuredComparison {
  readonly name: string;
  readonly trace: string;
  readonly subject: string;
  readonly baseline: string;
  readonly compares: Compared;
  readonly claim: number;
  /** One for each round. */
  readonly rounds: readonly number[];
  readonly ratio: Spread;
  /** Whether the ratio may be printed. */
  readonly holds: boolean;
  /** What each call costs that the subject has more than the baseline. */
  readonly cyclesPerCall?: Spread;
  /** What both sides took together, with the starts of their programs. */
  readonly elapsedSeconds: number;
}

/** What this machine lacks, and what was not measured for it. */
export interface Absent {
  /** A sentence without its stop. */
  readonly reason: string;
  readonly comparisons: readonly string[];
}

export interface Measurement {
  readonly subjects: readonly MeasuredSubject[];
  readonly comparisons: readonly MeasuredComparison[];
}

export interface Bench {
  readonly traceOf: (subject: Subject) => Trace;
  /** How many times a run plays the trace. */
  readonly lapsOf: (subject: Subject, trace: Trace) => number;
  readonly run: (subject: Subject, trace: Trace, laps: number) => Promise<Run>;
  readonly progress: (text: string) => void;
  /** Seconds since some moment. */
  readonly clock: () => number;
}

/** Runs of one subject, a round each, and what they took. */
interface Series {
  readonly subject: Subject;
  readonly trace: Trace;
  readonly laps: number;
  readonly runs: Run[];
  elapsed: number;
}

/** Each subject once, also where several comparisons have it. */
export function subjectsOf(rows: readonly Comparison[]): readonly Subject[] {
  const all = rows.flatMap(({ baseline, subject }) => [baseline, subject]);
  return [...new Map(all.map((subject) => [keyOf(subject), subject])).values()];
}

/** Rounds begin with another subject each, so that none always comes after the same one. */
function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const from = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}

async function runOnce(series: Series, bench: Bench): Promise<number> {
  const { subject, trace, laps, runs } = series;
  const start = bench.clock();
  runs.push(await bench.run(subject, trace, laps));
  const took = bench.clock() - start;
  series.elapsed += took;
  return took;
}

/** What runs that are left take: as long as those of their subject did, or others where it had none. */
export function secondsLeft(
  all: readonly { readonly elapsed: number; readonly runs: readonly unknown[] }[],
  rounds: number,
): number {
  const had = all.filter(({ runs }) => runs.length > 0);
  const mean = had.reduce((sum, { elapsed, runs }) => sum + elapsed / runs.length, 0) / had.length;
  return all.reduce(
    (sum, { elapsed, runs }) =>
      sum + (rounds - runs.length) * (runs.length > 0 ? elapsed / runs.length : mean),
    0,
  );
}

export async function measure(
  rows: readonly Comparison[],
  rounds: number,
  bench: Bench,
): Promise<Measurement> {
  const all = subjectsOf(rows).map((subject): Series => {
    const trace = bench.traceOf(subject);
    return { subject, trace, laps: bench.lapsOf(subject, trace), runs: [], elapsed: 0 };
  });
  for (let round = 0; round < rounds; round++)
    for (const series of rotated(all, round)) {
      const took = await runOnce(series, bench);
      const left = duration(secondsLeft(all, rounds));
      const what = `${series.subject.name} over ${series.trace.name}, ${took.toFixed(1)} s`;
      bench.progress(`round ${round + 1} of ${rounds}: ${what}; ${left} left for such runs`);
    }
  const byKey = new Map(all.map((series) => [keyOf(series.subject), series]));
  return {
    subjects: all.map(measuredSubject),
    comparisons: rows.flatMap((row) => {
      const [ours, theirs] = [byKey.get(keyOf(row.subject)), byKey.get(keyOf(row.baseline))];
      return ours === undefined || theirs === undefined ? [] : [measuredComparison(row, ours, theirs)];
    }),
  };
}

const ratesOf = ({ runs }: Series): readonly number[] =>
  runs.map(({ packets, seconds }) => packets / seconds);

const latenciesOf = ({ runs }: Series): readonly number[] =>
  runs.map(({ latency }) => latency?.p50 ?? Number.NaN);

function measuredSubject(series: Series): MeasuredSubject {
  const { subject, trace, runs } = series;
  const laps = Math.round(spreadOf(runs.map(({ packets }) => packets)).median / trace.counts.packets);
  return {
    name: subject.name,
    program: programOf(subject),
    trace: trace.name,
    packets: trace.counts.packets,
    inMemory: subject.kind === "chain" || subject.peer.inMemory,
    laps,
    flows: trace.counts.flows * (subject.kind === "chain" ? laps : 1),
    hugepages: runs.every(({ hugepages }) => hugepages),
    runs: runs.map(({ hugepages, ...run }) => run),
    packetsPerSecond: spreadOf(ratesOf(series)),
  };
}

/** Of each round; nothing where a row does not ask, or a peer counts no cycles. */
function cyclesPerCall(row: Comparison, ours: Series, theirs: Series): { readonly cyclesPerCall?: Spread } {
  const calls = (row.calls?.(ours.trace.counts) ?? 0) / ours.trace.counts.packets;
  const each = ours.runs.flatMap(({ cycles, packets }, round) => {
    const other = theirs.runs[round];
    if (cycles === undefined || other?.cycles === undefined) return [];
    return [(cycles / packets - other.cycles / other.packets) / calls];
  });
  return calls === 0 || each.length === 0 ? {} : { cyclesPerCall: spreadOf(each) };
}

/** Of a median. */
function claimOf({ claim, claimNearOne = claim }: Comparison, ratio: number): number {
  return Math.abs(ratio - 1) < claim ? claimNearOne : claim;
}

function measuredComparison(row: Comparison, ours: Series, theirs: Series): MeasuredComparison {
  const { compares = "packets" } = row;
  const of = compares === "latency" ? latenciesOf : ratesOf;
  const theirValues = of(theirs);
  const rounds = of(ours).map((value, round) => value / (theirValues[round] ?? Number.NaN));
  const ratio = spreadOf(rounds);
  const claim = claimOf(row, ratio.median);
  return {
    name: row.name,
    trace: ours.trace.name,
    subject: row.subject.name,
    baseline: row.baseline.name,
    compares,
    claim,
    rounds,
    ratio,
    holds: holds(rounds, claim),
    ...cyclesPerCall(row, ours, theirs),
    elapsedSeconds: ours.elapsed + theirs.elapsed,
  };
}
