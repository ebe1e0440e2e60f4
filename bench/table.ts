/** A measurement for people. */

import { duration } from "./duration.ts";
import type { Absent, MeasuredComparison, MeasuredSubject, Measurement } from "./measure.ts";
import { FEWEST_ROUNDS, spreadOf } from "./statistics.ts";

/** What is the same for all rows. */
export interface Conditions {
  readonly rounds: number;
  readonly march: string;
  readonly absent: readonly Absent[];
  /** Of the whole bench, traces and builds included. */
  readonly elapsedSeconds: number;
}

type Row = readonly string[];

/** The first columns are words, those behind them numbers. */
export function columns(rows: readonly Row[], words: number): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i < words ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const count = (number: number): string => number.toLocaleString("en-US");
const millions = (rate: number): string => (rate / 1e6).toFixed(2);
const ratioText = (ratio: number): string => ratio.toFixed(2);
const percent = (part: number): string => `± ${(part * 100).toFixed(0)} %`;

function cyclesText(runs: MeasuredSubject["runs"]): string {
  const each = runs.flatMap(({ packets, cycles }) => (cycles === undefined ? [] : [cycles / packets]));
  return each.length === 0 ? "–" : spreadOf(each).median.toFixed(0);
}

/** Medians of the rounds. */
function latencyText(runs: MeasuredSubject["runs"]): string {
  const each = runs.flatMap(({ latency }) => (latency === undefined ? [] : [latency]));
  if (each.length === 0) return "–";
  const median = (of: "p50" | "p99"): string => count(spreadOf(each.map((one) => one[of])).median);
  return `${median("p50")} / ${median("p99")}`;
}

function subjectRow({
  name,
  trace,
  packets,
  inMemory,
  hugepages,
  laps,
  flows,
  packetsPerSecond,
  runs,
}: MeasuredSubject): Row {
  const { median, min, max } = packetsPerSecond;
  return [
    name,
    trace,
    inMemory ? count(packets) : "–",
    hugepages ? "yes" : "no",
    count(laps),
    count(flows),
    millions(median),
    `${millions(min)}–${millions(max)}`,
    cyclesText(runs),
    latencyText(runs),
  ];
}

function comparisonRow(row: MeasuredComparison): Row {
  const { name, subject, baseline, compares, trace, ratio, claim, holds, cyclesPerCall, elapsedSeconds } =
    row;
  return [
    name,
    `${compares === "latency" ? "latency: " : ""}${subject} / ${baseline}`,
    trace,
    holds ? ratioText(ratio.median) : "–",
    `${ratioText(ratio.min)}–${ratioText(ratio.max)}`,
    percent(claim),
    cyclesPerCall === undefined ? "–" : cyclesPerCall.median.toFixed(1),
    duration(elapsedSeconds),
  ];
}

function absences({ absent }: Conditions): readonly string[] {
  return absent.map(({ reason, comparisons }) => `${reason}: not measured: ${comparisons.join(", ")}`);
}

/** What is refused, and why. */
function refusals(comparisons: readonly MeasuredComparison[], rounds: number): readonly string[] {
  if (rounds < FEWEST_ROUNDS) return [`no ratios: they need at least ${FEWEST_ROUNDS} rounds`];
  return comparisons
    .filter(({ holds }) => !holds)
    .map(
      ({ name, claim }) =>
        `${name}: no ratio, because rounds differ by more than ${percent(claim)} from their median`,
    );
}

const ROW_LIMIT_S = 60;
const LIMIT_S = 20 * 60;

/** What takes longer than a bench may that people are to run. */
function delays({ comparisons }: Measurement, { elapsedSeconds }: Conditions): readonly string[] {
  const rows = comparisons
    .filter((row) => row.elapsedSeconds > ROW_LIMIT_S)
    .map((row) => `${row.name}: took longer than a minute`);
  return elapsedSeconds > LIMIT_S ? [...rows, "the whole took longer than 20 minutes"] : rows;
}

/** A number of pages of 2 MiB that is enough for every row. */
export const ENOUGH_HUGEPAGES = 3000;

/** Whose packets were in ordinary pages: a ratio of one that had hugepages to one that had none says little. */
function withoutHugepages(subjects: readonly MeasuredSubject[]): readonly string[] {
  const names = subjects.flatMap(({ name, inMemory, hugepages }) => (inMemory && !hugepages ? [name] : []));
  const all = names.length === subjects.filter(({ inMemory }) => inMemory).length;
  const whose = all ? "all packets" : `packets of ${[...new Set(names)].join(", ")}`;
  return names.length === 0
    ? []
    : [`${whose} were in ordinary pages: sysctl vm.nr_hugepages=${ENOUGH_HUGEPAGES} is enough for every row`];
}

const IN_MEMORY =
  "packets are in memory before the clock starts, each lap plays all; flows are distinct: those of each lap are new, but for peers";
const LATENCY =
  "latency is in cycles from the receive of a burst until its packets were sent, of half of the packets and of 99 in 100 at most";
const NOT_IN_MEMORY = "who has none in memory reads the capture from its file, and that is measured too";

function conditionsText({ rounds, march }: Conditions): string {
  return `${rounds} interleaved ${rounds === 1 ? "round" : "rounds"}, medians and ranges; --march ${march}`;
}

function tables({ subjects, comparisons }: Measurement): string {
  const rates = columns(
    [
      [
        ...[
          "subject",
          "trace",
          "in memory",
          "hugepages",
          "laps",
          "flows",
          "Mpps",
          "range",
          "cycles a packet",
        ],
        "latency",
      ],
      ...subjects.map(subjectRow),
    ],
    2,
  );
  const ratios = columns(
    [
      ["name", "packets a second", "trace", "ratio", "range", "claim", "cycles a call", "elapsed"],
      ...comparisons.map(comparisonRow),
    ],
    3,
  );
  return `${rates}\n\n${ratios}\n\n`;
}

export function render(measurement: Measurement, conditions: Conditions): string {
  const elapsed = `elapsed: ${duration(conditions.elapsedSeconds)}`;
  const { subjects, comparisons } = measurement;
  if (subjects.length === 0) return `${[...absences(conditions), elapsed].join("\n")}\n`;
  const notes = [
    conditionsText(conditions),
    IN_MEMORY,
    ...(subjects.every(({ inMemory }) => inMemory) ? [] : [NOT_IN_MEMORY]),
    ...(subjects.some(({ runs }) => runs.some(({ latency }) => latency !== undefined)) ? [LATENCY] : []),
    ...withoutHugepages(subjects),
    ...absences(conditions),
    ...refusals(comparisons, conditions.rounds),
    ...delays(measurement, conditions),
    elapsed,
  ];
  return `${tables(measurement)}${notes.join("\n")}\n`;
}
