/** Cycles of the stages, for people. */
import type { Spread } from "../statistics.ts";
import { columns } from "../table.ts";
import type { MeasuredStages } from "./measure.ts";
import { places } from "./window.ts";

const cells = ({ median, min, max }: Spread): readonly string[] => [
  median.toFixed(1),
  `${min.toFixed(1)}–${max.toFixed(1)}`,
];

const NOTE =
  "cycles a packet: the lcore's time by where it was found, 9,973 times a second; elsewhere: other libraries, and what belongs to no stage";

/** Empty where no stages were measured. */
export function renderStages(measured: readonly MeasuredStages[]): string {
  if (measured.length === 0) return "";
  const rows = places.map((place, at) => [
    place,
    ...measured.flatMap(({ cycles }) => {
      const found = cycles[at];
      return found === undefined ? ["–", "–"] : cells(found.spread);
    }),
  ]);
  const head = ["stage", ...measured.flatMap((_, at) => [`(${at + 1})`, "range"])];
  const all = ["all", ...measured.flatMap((one) => cells(one.all))];
  const named = measured.map(({ name, trace }, at) => `(${at + 1}) ${name} over ${trace}`);
  return `${columns([head, ...rows, all], 1)}\n\n${[...named, NOTE].join("\n")}\n\n`;
}
