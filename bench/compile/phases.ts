/**
 * node start.mjs BUNDLE FILE: compiles it once, as a process that has just started
 * does, and prints the milliseconds of each stage as JSON.
 */
import { readFileSync } from "node:fs";
import { normalize } from "node:path";
import { bindProgram } from "../../compiler/bind/bind.ts";
import { loadFiles } from "../../compiler/bind/load.ts";
import { checkProgram } from "../../compiler/check/check.ts";
import { createReporter } from "../../compiler/diagnostics/report.ts";
import { emitProgram } from "../../compiler/emit/emit.ts";
import { lowerProgram } from "../../compiler/ir/lower.ts";
import { planProgram } from "../../compiler/plan/plan.ts";
import { parseFile } from "../../compiler/syntax/parse.ts";
import type { StageTimes } from "./stages.ts";

/** Of the whole process: what the collector and the optimiser do beside counts too. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function compile(file: string): StageTimes {
  const at = [cpuMs()];
  const mark = <T>(result: T): T => {
    at.push(cpuMs());
    return result;
  };
  const reporter = createReporter();
  const parsed = mark(parseFile(file, readFileSync(file, "utf8")));
  const files = loadFiles(file, () => parsed, reporter);
  const bound = mark(bindProgram(normalize(file), files, reporter.report));
  const checked = mark(
    checkProgram(bound, reporter.report, { readFile: () => undefined, fileExists: () => true }),
  );
  const found = reporter.diagnostics();
  if (found.length > 0) throw new Error(`${file}: ${found.map(({ message }) => message).join("\n")}`);
  const ir = mark(lowerProgram(file, bound, checked));
  const plan = mark(planProgram(ir));
  mark(emitProgram(plan, { buildFolder: "/build" }));
  const took = (stage: number): number => (at[stage + 1] ?? 0) - (at[stage] ?? 0);
  return { parse: took(0), bind: took(1), check: took(2), ir: took(3), plan: took(4), emit: took(5) };
}

process.stdout.write(`${JSON.stringify(compile(process.argv.at(-1) ?? ""))}\n`);
