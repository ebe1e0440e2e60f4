/** The rows, for people: what each compares, and over what. */
import { compileRows } from "./compile/compile.ts";
import { ringRows } from "./rows/typescript.ts";
import { comparisons, usualRows } from "./rows.ts";
import { stageRows } from "./stages/measure.ts";
import { columns } from "./table.ts";
import { traceName } from "./trace/spec.ts";

const usual = new Set(usualRows(comparisons));

/** Those that are measured only where they are asked for are marked. */
export function listRows(): string {
  const compared = comparisons.map((row) => [
    row.name,
    `${row.subject.name} / ${row.baseline.name}`,
    traceName(row.subject.trace),
    usual.has(row) ? "" : "only by its name",
  ]);
  const rings = ringRows.map(({ name, work, trace }) => [
    name,
    `TypeScript / C: ${work}`,
    traceName(trace),
    "",
  ]);
  const others = [
    ...stageRows.map(({ name, what }) => [name, what, "", ""]),
    ...compileRows.map(({ name, what }) => [name, what, "", ""]),
  ];
  const head = ["name", "what", "trace", ""];
  return `${columns([head, ...compared, ...rings, ...others], head.length)}\n`;
}
