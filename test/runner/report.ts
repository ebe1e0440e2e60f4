import type { Job, Outcome } from "./job.ts";

export interface Result {
  readonly job: Job;
  readonly outcome: Outcome;
  /** Wall clock, in milliseconds. */
  readonly duration: number;
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;

/** One line a job, with a line for each test that it skipped. */
export function resultLines({ job, outcome, duration }: Result): string {
  const { passed, failed, skipped, note = "" } = outcome;
  const counts = [
    passed > 0 ? `${passed} passed` : "",
    failed > 0 ? `${failed} failed` : "",
    skipped.length > 0 ? `${skipped.length} skipped` : "",
    note,
  ].filter((part) => part !== "");
  const mark = failed > 0 ? "FAIL" : passed > 0 ? "ok  " : "skip";
  const line = `${mark}  ${job.name.padEnd(46)} ${counts.join(", ") || "nothing ran"}  ${seconds(duration)}\n`;
  return line + skipped.map((skip) => `      skipped ${skip.name}: ${skip.reason}\n`).join("");
}

const SLOWEST = 10;

/** Where the time goes: the jobs that took longest. */
export function slowestLines(results: readonly Result[]): string {
  if (results.length <= SLOWEST) return "";
  const longest = [...results].sort((a, b) => b.duration - a.duration).slice(0, SLOWEST);
  const lines = longest.map(({ job, duration }) => `      ${job.name.padEnd(46)} ${seconds(duration)}\n`);
  return `\nthe slowest:\n${lines.join("")}`;
}

/** What the failing jobs wrote, once more and together, so that nobody scrolls for it. */
export function failureDetails(results: readonly Result[]): string {
  return results
    .filter(({ outcome }) => outcome.failed > 0)
    .map(
      ({ job, outcome }) =>
        `\n── ${job.name} ${"─".repeat(Math.max(4, 74 - job.name.length))}\n${outcome.output.trim()}\n`,
    )
    .join("");
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function addUp(results: readonly Result[]): Totals {
  return results.reduce<Totals>(
    (sum, { outcome }) => ({
      passed: sum.passed + outcome.passed,
      failed: sum.failed + outcome.failed,
      skipped: sum.skipped + outcome.skipped.length,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

export const lastLine = ({ passed, failed, skipped }: Totals) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped\n`;
