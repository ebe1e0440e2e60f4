/** What was measured of the compiler, for people. */
import type { Spread } from "../statistics.ts";
import { columns } from "../table.ts";
import type { CompileMeasurement, MeasuredStage, MeasuredTask } from "./compile.ts";
import { type Goal, goalsOf, verdictOn } from "./goals.ts";
import { SIZES } from "./tasks.ts";

const number = (value: number, digits: number): string => value.toFixed(digits);

function withRange({ median, min, max }: Spread, digits: number): readonly [string, string] {
  return [number(median, digits), `${number(min, digits)}–${number(max, digits)}`];
}

function stageRow({ stage, milliseconds, growth }: MeasuredStage): readonly string[] {
  return [
    stage,
    ...milliseconds.flatMap((spread) => withRange(spread, 1)),
    ...growth.flatMap((spread) => withRange(spread, 2)),
  ];
}

function stageTable(measured: readonly MeasuredStage[]): string {
  const head = [
    "stage",
    ...SIZES.flatMap((nfs) => [`${nfs} NFs, ms`, "range"]),
    ...SIZES.slice(1).flatMap((nfs, index) => [`an NF of ${nfs} / of ${SIZES[index]}`, "range"]),
  ];
  return columns([head, ...measured.map(stageRow)], 1);
}

function taskTable(what: string, measured: readonly MeasuredTask[]): string {
  const rows = measured.map(({ name, seconds, cpuSeconds }) => [
    name,
    ...withRange(seconds, 2),
    ...withRange(cpuSeconds, 2),
  ]);
  return columns([[what, "seconds", "range", "of the processor", "range"], ...rows], 1);
}

function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => {
    const digits = goal.unit === "ms" ? 0 : 1;
    const limit = `under ${goal.limit} ${goal.unit}`.trim();
    return [goal.says, limit, ...withRange(goal.took, digits), verdictOn(goal)];
  });
  return columns([["goal", "", "took", "range", ""], ...rows], 1);
}

const STAGES_NOTE =
  "stages: milliseconds of the processor in a process that has just started, its modules loaded";

/** Empty where nothing of the compiler was asked for. */
export function renderCompile(measured: CompileMeasurement): string {
  const { stages, check, build } = measured;
  const goals = goalsOf(measured);
  const tables = [
    ...(stages.length === 0 ? [] : [stageTable(stages), STAGES_NOTE]),
    ...(check.length === 0 ? [] : [taskTable("process", check)]),
    ...(build.length === 0 ? [] : [taskTable("mbx build", build)]),
    ...(goals.length === 0 ? [] : [goalTable(goals)]),
  ];
  return tables.map((table) => `${table}\n\n`).join("");
}
