/** The row `stages`: cycles of each stage of a packet's way. */
import type { Absent } from "../measure.ts";
import { counting } from "../rows/chains.ts";
import { flows } from "../rows/path.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import type { ChainSubject } from "../subjects.ts";
import type { Trace } from "../trace/trace.ts";
import { traces } from "../traces.ts";
import { type StageRound, samplingLacks } from "./record.ts";
import { type Place, places } from "./window.ts";

export const stageRows = [{ name: "stages", what: "cycles of each stage of a packet's way" }] as const;

export const stageSubjects: readonly ChainSubject[] = [
  flows(traces.small),
  counting(1, traces.small),
  counting(1, traces.large),
];

/** Samples are to be enough, so a run is longer than those of other rows. */
const TIMES_PACKETS = 2;

export interface StageBench {
  readonly rounds: number;
  readonly traceOf: (subject: ChainSubject) => Trace;
  /** How many times a run plays the trace, for so many times the packets of other rows. */
  readonly lapsOf: (subject: ChainSubject, trace: Trace, times: number) => number;
  readonly record: (subject: ChainSubject, trace: Trace, laps: number) => Promise<StageRound>;
  readonly progress: (text: string) => void;
}

export interface MeasuredStages {
  readonly name: string;
  readonly trace: string;
  readonly rounds: readonly StageRound[];
  /** Of a packet. */
  readonly cycles: readonly { readonly place: Place; readonly spread: Spread }[];
  readonly all: Spread;
}

export async function measureStages(
  subjects: readonly ChainSubject[],
  bench: StageBench,
): Promise<readonly MeasuredStages[]> {
  const series = subjects.map((subject) => ({
    subject,
    trace: bench.traceOf(subject),
    rounds: [] as StageRound[],
  }));
  for (let round = 0; round < bench.rounds; round++)
    for (const { subject, trace, rounds } of series) {
      bench.progress(`round ${round + 1} of ${bench.rounds}: stages of ${subject.name} over ${trace.name}`);
      rounds.push(await bench.record(subject, trace, bench.lapsOf(subject, trace, TIMES_PACKETS)));
    }
  return series.map(({ subject, trace, rounds }) => ({
    name: subject.name,
    trace: trace.name,
    rounds,
    cycles: places.map((place) => ({ place, spread: spreadOf(rounds.map(({ cycles }) => cycles[place])) })),
    all: spreadOf(rounds.map(({ cyclesPerPacket }) => cyclesPerPacket)),
  }));
}

/** The subjects to sample, or what is missing for it. */
export async function presentStages(
  wanted: boolean,
): Promise<{ readonly subjects: readonly ChainSubject[]; readonly absent: readonly Absent[] }> {
  const reason = wanted ? await samplingLacks() : undefined;
  return {
    subjects: wanted && reason === undefined ? stageSubjects : [],
    absent: reason === undefined ? [] : [{ reason, comparisons: stageRows.map(({ name }) => name) }],
  };
}
