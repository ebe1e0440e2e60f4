/** The figures of a measurement: its two tables. What was not measured, or may not be printed, is not drawn. */
import type { Measurement } from "../measure.ts";
import type { Spread } from "../statistics.ts";
import type { Bar, Figure, Group } from "./figure.ts";
import type { Taken } from "./read.ts";

interface TraceBar extends Bar {
  readonly trace: string;
}

function byTrace(bars: readonly TraceBar[]): readonly Group[] {
  const titles = [...new Set(bars.map(({ trace }) => trace))];
  return titles.map((title) => ({
    title,
    bars: bars.filter(({ trace }) => trace === title).map(({ label, spread }) => ({ label, spread })),
  }));
}

const scaled = ({ median, min, max }: Spread, by: number): Spread => ({
  median: median * by,
  min: min * by,
  max: max * by,
});

function rates({ subjects }: Measurement, conditions: string): Figure {
  const bars = subjects.map(({ name, trace, packetsPerSecond }) => ({
    label: name,
    trace,
    spread: scaled(packetsPerSecond, 1e-6),
  }));
  return {
    name: "bench-rates",
    title: "Million packets a second",
    groups: byTrace(bars),
    notes: [conditions],
  };
}

function ratios(measurement: Measurement, conditions: string): Figure {
  const comparisons = measurement.comparisons.filter(({ compares }) => compares === "packets");
  const bars = comparisons
    .filter(({ holds }) => holds)
    .map(({ subject, baseline, trace, ratio }) => ({
      label: `${subject} / ${baseline}`,
      trace,
      spread: ratio,
    }));
  const refused = comparisons.filter(({ holds }) => !holds).map(({ name }) => name);
  return {
    name: "bench-ratios",
    title: "Packets a second, as ratios",
    groups: byTrace(bars),
    line: 1,
    notes: [
      `${conditions}; dashed: both the same`,
      ...(refused.length === 0 ? [] : [`no ratio, because rounds differ too much: ${refused.join(", ")}`]),
    ],
  };
}

export function figuresOf(measurement: Measurement, { cpu, rounds: count, march }: Taken): readonly Figure[] {
  const conditions = `medians of ${count} interleaved rounds, thin lines from the least to the most; one core each, or one an instance; ${cpu}, --march\u00a0${march}`;
  return [rates, ratios]
    .map((figure) => figure(measurement, conditions))
    .filter(({ groups }) => groups.length > 0);
}
