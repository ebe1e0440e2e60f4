/** Rows about the compiler itself: its stages, its start, and what a build waits for. */
import { fileURLToPath } from "node:url";
import { runOrThrow } from "../process.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import { type Copy, makeCopy } from "./copy.ts";
import { readStageTimes, type Stage, stages } from "./stages.ts";
import { buildTasks, checkTasks, SIZES, type Task } from "./tasks.ts";
import type { Took } from "./timed.ts";

export const compileRows = [
  { name: "compile-stages", what: "stages of the compiler: 10, 100 and 1,000 functions" },
  { name: "compile-check", what: "mbx check: 10, 100 and 1,000 functions" },
  { name: "compile-build", what: "mbx build: nothing cached, and one handler changed" },
] as const;

export type CompileRow = (typeof compileRows)[number];

export interface MeasuredStage {
  readonly stage: Stage | "all";
  /** By size, in the order of `SIZES`. */
  readonly milliseconds: readonly Spread[];
  /** For each network function, against the size before: 1 is growing linearly. */
  readonly growth: readonly Spread[];
}

export interface MeasuredTask {
  readonly name: string;
  readonly seconds: Spread;
  readonly cpuSeconds: Spread;
  /** By round. */
  readonly took: readonly Took[];
}

export interface CompileMeasurement {
  readonly stages: readonly MeasuredStage[];
  readonly check: readonly MeasuredTask[];
  readonly build: readonly MeasuredTask[];
}

interface Conditions {
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

const SEED = 1;
/** Starts a bundle as `mbx` starts the compiler's. */
const START = fileURLToPath(new URL("start.mjs", import.meta.url));
/** A build from nothing takes half a minute: the bench is to end. */
const MOST_BUILD_ROUNDS = 2;
/** A thousand are compiled in a quarter of an hour on two cores: not for every day. */
const BUILT_SIZES = [10, 100];

export async function measureCompile(
  rows: readonly CompileRow[],
  conditions: Conditions,
): Promise<CompileMeasurement> {
  if (rows.length === 0) return { stages: [], check: [], build: [] };
  const copy = await makeCopy(SEED);
  const ofBuilds = { ...conditions, rounds: Math.min(conditions.rounds, MOST_BUILD_ROUNDS) };
  const wants = (name: CompileRow["name"]): boolean => rows.some((row) => row.name === name);
  return {
    stages: wants("compile-stages") ? await measureStages(copy, conditions) : [],
    check: wants("compile-check") ? await measureTasks(checkTasks(copy), conditions) : [],
    build: wants("compile-build") ? await measureTasks(buildTasks(copy, BUILT_SIZES), ofBuilds) : [],
  };
}

/** A round has every size once. */
async function measureStages(
  copy: Copy,
  { rounds, progress }: Conditions,
): Promise<readonly MeasuredStage[]> {
  const all = SIZES.map(() => [] as Readonly<Record<Stage | "all", number>>[]);
  // The first start leaves its code for the others.
  await runOrThrow(process.execPath, [START, copy.phases, copy.chain(SIZES[0])]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, nfs] of SIZES.entries()) {
      progress(`round ${round + 1} of ${rounds}: stages, ${nfs} NFs`);
      const { stdout } = await runOrThrow(process.execPath, [START, copy.phases, copy.chain(nfs)]);
      const times = readStageTimes(stdout);
      all[index]?.push({ ...times, all: stages.reduce((sum, stage) => sum + times[stage], 0) });
    }
  }
  return [...stages, "all" as const].map((stage) => {
    const series = all.map((rounds) => rounds.map((times) => times[stage]));
    return { stage, milliseconds: series.map(spreadOf), growth: growthOf(series) };
  });
}

/** What one function costs in a program of each size over what it costs in the size before. */
export function growthOf(series: readonly (readonly number[])[]): readonly Spread[] {
  return series.slice(1).map((times, index) => {
    const before = series[index] ?? [];
    const scale = (SIZES[index + 1] ?? 1) / (SIZES[index] ?? 1);
    return spreadOf(times.map((time, round) => time / (before[round] ?? Number.NaN) / scale));
  });
}

async function measureTasks(
  tasks: readonly Task[],
  { rounds, progress }: Conditions,
): Promise<readonly MeasuredTask[]> {
  const took = tasks.map(() => [] as Took[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, task] of tasks.entries()) {
      progress(`round ${round + 1} of ${rounds}: ${task.name}`);
      took[index]?.push(await task.run());
    }
  }
  return tasks.map(({ name }, index) => ({
    name,
    seconds: spreadOf((took[index] ?? []).map(({ seconds }) => seconds)),
    cpuSeconds: spreadOf((took[index] ?? []).map(({ cpuSeconds }) => cpuSeconds)),
    took: took[index] ?? [],
  }));
}
