/**
 * A unit that did not change is not compiled again, and its warnings are not
 * printed again. They still hold, so what a unit's compiler said is kept.
 */
import { readFileSync } from "node:fs";
import { writeChanged } from "./writer.ts";

const BEGIN = /^Building C object .*?\/(gen\/[^/]+\.c)\.o$/;

/** What was said now, and before that of units that were not compiled now. */
export function withRemembered(file: string, output: string, units: readonly string[]): string {
  const now = sectionsOf(output);
  const before = read(file);
  const kept: Record<string, string> = {};
  const repeated: string[] = [];
  for (const unit of units) {
    const section = now.get(unit);
    const text = section ?? before[unit] ?? "";
    if (text.trim() !== "") kept[unit] = text;
    if (section === undefined) repeated.push(text);
  }
  writeChanged(file, `${JSON.stringify(kept, null, 2)}\n`);
  return [...repeated, output].join("\n");
}

/** ninja prints a unit's output in one piece after the line that names it. */
function sectionsOf(output: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  let unit: string | undefined;
  for (const line of output.split("\n")) {
    const begun = BEGIN.exec(line)?.[1];
    if (begun !== undefined) sections.set(begun, "");
    if (begun !== undefined || /^(?:Linking|ninja:)/.test(line)) unit = begun;
    else if (unit !== undefined) sections.set(unit, `${sections.get(unit)}${line}\n`);
  }
  return sections;
}

function read(file: string): Readonly<Record<string, string>> {
  try {
    const kept: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof kept !== "object" || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter(([, text]) => typeof text === "string"));
  } catch {
    return {};
  }
}
