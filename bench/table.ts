/** A measurement for people. */
import type { MeasuredComparison, MeasuredSubject, Measurement } from "./measure.ts";

type Row = readonly string[];

function columns(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const millions = (rate: number): string => (rate / 1e6).toFixed(2);
const ratioText = (ratio: number): string => ratio.toFixed(2);

function subjectRow({ name, trace, flows, packets, packetsPerSecond: rate }: MeasuredSubject): Row {
  return [
    name,
    trace,
    flows.toLocaleString("en-US"),
    packets.toLocaleString("en-US"),
    millions(rate.median),
    `${millions(rate.min)}–${millions(rate.max)}`,
    (1e9 / rate.median).toFixed(0),
  ];
}

function comparisonRow({ name, subject, baseline, ratio, claim, holds }: MeasuredComparison): Row {
  return [
    name,
    `${subject} / ${baseline}`,
    holds ? ratioText(ratio.median) : "–",
    `${ratioText(ratio.min)}–${ratioText(ratio.max)}`,
    `± ${(claim * 100).toFixed(0)} %`,
  ];
}

/** What is refused, and why. */
function refusals(comparisons: readonly MeasuredComparison[]): readonly string[] {
  return comparisons
    .filter(({ holds }) => !holds)
    .map(
      ({ name, claim }) =>
        `${name}: no ratio, because rounds differ by more than ± ${(claim * 100).toFixed(0)} % from their median`,
    );
}

export function render({ subjects, comparisons }: Measurement, rounds: number): string {
  const first = columns([
    ["chain", "trace", "flows", "packets", "Mpps", "range", "ns a packet"],
    ...subjects.map(subjectRow),
  ]);
  const second = columns([
    ["name", "packets a second", "ratio", "range", "claim"],
    ...comparisons.map(comparisonRow),
  ]);
  const notes = [
    `${rounds} interleaved rounds, medians; replay from a capture file: reading it is part of each lap`,
    ...refusals(comparisons),
  ];
  return `${first}\n\n${second}\n\n${notes.join("\n")}\n`;
}
