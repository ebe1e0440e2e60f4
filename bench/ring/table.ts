/** What was measured of handlers alone, for people. */
import { columns } from "../table.ts";
import type { MeasuredRing } from "./ring.ts";

const millions = (rate: number): string => (rate / 1e6).toFixed(1);

function ringRow({ name, work, ts, c, ratio, holds, claim }: MeasuredRing): readonly string[] {
  return [
    name,
    work,
    ...[ts, c].map(({ median, min, max }) => `${millions(median)} (${millions(min)}–${millions(max)})`),
    holds ? ratio.median.toFixed(2) : "–",
    `${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)}`,
    `± ${(claim * 100).toFixed(0)} %`,
  ];
}

const NOTE =
  "rings are filled beforehand; both sides handle the same records in one thread, lap by lap in turns, of which the median counts; each round is a process of its own";

/** Empty where nothing of it was asked for. */
export function renderRings(measured: readonly MeasuredRing[]): string {
  if (measured.length === 0) return "";
  const head = [
    "name",
    "handler",
    "TypeScript, M events/s",
    "C, M events/s",
    "TypeScript / C",
    "range",
    "claim",
  ];
  return `${columns([head, ...measured.map(ringRow)], 2)}\n\n${NOTE}\n\n`;
}
