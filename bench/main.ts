// npm run bench [-- --only NAME] [--json FILE] [--rounds N] [--packets N]
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { type BenchArguments, readArguments, USAGE, UsageError } from "./arguments.ts";
import { BenchError, build, lap, ROOT } from "./lap.ts";
import { measure, subjectsOf } from "./measure.ts";
import { type Comparison, comparisons, type Subject } from "./rows.ts";
import { render } from "./table.ts";
import { makeTrace, type Trace } from "./trace/trace.ts";

const say = (text: string): void => void process.stderr.write(`bench: ${text}\n`);

function chosen({ only, packets }: BenchArguments): readonly Comparison[] {
  const all = comparisons(packets);
  const rows = all.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
  if (rows.length > 0) return rows;
  throw new UsageError(
    `no comparison's name contains ${only.join(" or ")}; there are ${all.map(({ name }) => name).join(", ")}`,
  );
}

function makeTraces(subjects: readonly Subject[]): (subject: Subject) => Trace {
  const folder = join(ROOT, ".cache", "bench");
  const traces = new Map<string, Trace>();
  for (const { trace } of subjects) {
    if (traces.has(trace.name)) continue;
    say(`trace ${trace.name}`);
    traces.set(trace.name, makeTrace(trace, folder));
  }
  return ({ trace }) => traces.get(trace.name) ?? makeTrace(trace, folder);
}

async function bench(args: BenchArguments): Promise<void> {
  const rows = chosen(args);
  const subjects = subjectsOf(rows);
  const traceOf = makeTraces(subjects);
  for (const chain of new Set(subjects.map((subject) => subject.chain))) {
    say(`building ${chain}`);
    await build(chain);
  }
  const measured = await measure(rows, args.rounds, { traceOf, lap, progress: say });
  process.stdout.write(render(measured, args.rounds));
  if (args.json === undefined) return;
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cpus: cpus().length };
  writeFileSync(args.json, `${JSON.stringify({ machine, rounds: args.rounds, ...measured }, null, 2)}\n`);
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    const args = readArguments(argv);
    if (args.help) process.stdout.write(USAGE);
    else await bench(args);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`error: ${error.message}\n\n${USAGE}`);
      return 2;
    }
    if (error instanceof BenchError) {
      process.stderr.write(`error: ${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2));
