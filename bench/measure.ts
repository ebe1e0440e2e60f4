/** Rounds of interleaved laps. */
import type { Comparison, Subject } from "./rows.ts";
import { holds, type Spread, spreadOf } from "./statistics.ts";
import type { Trace } from "./trace/trace.ts";

export interface MeasuredSubject {
  readonly name: string;
  readonly chain: string;
  readonly trace: string;
  readonly packets: number;
  readonly flows: number;
  readonly packetsPerSecond: Spread;
}

export interface MeasuredComparison {
  readonly name: string;
  readonly subject: string;
  readonly baseline: string;
  readonly claim: number;
  /** One for each round. */
  readonly rounds: readonly number[];
  readonly ratio: Spread;
  /** Whether the ratio may be printed. */
  readonly holds: boolean;
}

export interface Measurement {
  readonly subjects: readonly MeasuredSubject[];
  readonly comparisons: readonly MeasuredComparison[];
}

export interface Laps {
  readonly traceOf: (subject: Subject) => Trace;
  readonly lap: (subject: Subject, trace: Trace) => Promise<number>;
  readonly progress: (text: string) => void;
}

export const keyOf = ({ chain, trace }: Subject): string => `${chain} over ${trace.name}`;

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

export async function measure(rows: readonly Comparison[], rounds: number, laps: Laps): Promise<Measurement> {
  const subjects = subjectsOf(rows);
  const rates = new Map<string, number[]>(subjects.map((subject) => [keyOf(subject), []]));
  for (let round = 0; round < rounds; round++) {
    for (const subject of rotated(subjects, round)) {
      laps.progress(`round ${round + 1} of ${rounds}: ${subject.name}`);
      rates.get(keyOf(subject))?.push(await laps.lap(subject, laps.traceOf(subject)));
    }
  }
  const ratesOf = (subject: Subject): readonly number[] => rates.get(keyOf(subject)) ?? [];
  return {
    subjects: subjects.map((subject) => measuredSubject(subject, laps.traceOf(subject), ratesOf(subject))),
    comparisons: rows.map((row) => measuredComparison(row, ratesOf(row.subject), ratesOf(row.baseline))),
  };
}

function measuredSubject(subject: Subject, { counts }: Trace, rates: readonly number[]): MeasuredSubject {
  return {
    name: subject.name,
    chain: subject.chain,
    trace: subject.trace.name,
    packets: counts.packets,
    flows: counts.flows,
    packetsPerSecond: spreadOf(rates),
  };
}

function measuredComparison(
  { name, subject, baseline, claim }: Comparison,
  ours: readonly number[],
  theirs: readonly number[],
): MeasuredComparison {
  const rounds = ours.map((rate, round) => rate / (theirs[round] ?? Number.NaN));
  const ratio = spreadOf(rounds);
  return {
    name,
    subject: subject.name,
    baseline: baseline.name,
    claim,
    rounds,
    ratio,
    holds: holds(ratio, claim),
  };
}
