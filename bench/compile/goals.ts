/** What the compiler is to take at most, and whether it did: medians, and every round. */
import { type Spread, spreadOf } from "../statistics.ts";
import type { CompileMeasurement, MeasuredTask } from "./compile.ts";

export interface Goal {
  readonly says: string;
  readonly limit: number;
  readonly unit: "ms" | "s" | "";
  /** What was measured, by round. */
  readonly took: Spread;
}

/** Names of tasks that goals are about. */
export const VERSION = "mbx --version";
export const checkOf = (nfs: number): string => `mbx check, ${nfs} NFs`;
export const IDS = {
  cold: "ids, nothing cached",
  c: "ids, a C handler changed",
  typescript: "ids, a TypeScript handler changed",
} as const;

/** Growing linearly: ten times the functions take ten times as long, where what is done once is shared. */
const TENFOLD = 10;

type Rounds = readonly number[];

function secondsOf(measured: readonly MeasuredTask[], name: string): Rounds {
  return measured.find((task) => task.name === name)?.took.map(({ seconds }) => seconds) ?? [];
}

const combined = (one: Rounds, other: Rounds, by: (a: number, b: number) => number): Rounds =>
  one.map((value, round) => by(value, other[round] ?? Number.NaN));

function checkGoals(check: readonly MeasuredTask[]): readonly Goal[] {
  const start = secondsOf(check, VERSION);
  const afterStart = (nfs: number): Rounds =>
    combined(secondsOf(check, checkOf(nfs)), start, (whole, before) => 1000 * (whole - before));
  const hundred = afterStart(100);
  const growth = combined(afterStart(1000), hundred, (large, small) => large / small);
  return [
    { says: "check of 100 NFs, after the start", limit: 100, unit: "ms", took: spreadOf(hundred) },
    { says: "check of 1,000 NFs over that of 100", limit: TENFOLD, unit: "", took: spreadOf(growth) },
  ];
}

function buildGoals(build: readonly MeasuredTask[]): readonly Goal[] {
  const goal = (says: string, name: string, limit: number): Goal => ({
    ...{ says, limit, unit: "s" },
    took: spreadOf(secondsOf(build, name)),
  });
  return [
    goal("build of samples/ids, nothing cached", IDS.cold, 15),
    goal("build of samples/ids, one handler in C changed", IDS.c, 3),
    goal("build of samples/ids, one handler in TypeScript changed", IDS.typescript, 3),
  ];
}

export function goalsOf({ check, build }: CompileMeasurement): readonly Goal[] {
  return [...(check.length === 0 ? [] : checkGoals(check)), ...(build.length === 0 ? [] : buildGoals(build))];
}

export function verdictOn({ took, limit }: Goal): string {
  if (took.max < limit) return "met";
  return took.median < limit ? "met by the median only" : "not met";
}
