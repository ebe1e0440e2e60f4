// npm run bench [-- --only NAME] [--json FILE] [--rounds N] [--packets N] [--march NAME]
import { closeSync, openSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { type BenchArguments, readArguments, USAGE } from "./arguments.ts";
import { runCommand, UsageError } from "./command.ts";
import { type CompileMeasurement, type CompileRow, compileRows, measureCompile } from "./compile/compile.ts";
import { renderCompile } from "./compile/table.ts";
import { duration } from "./duration.ts";
import { build, type Run, runChain } from "./lap.ts";
import { listRows } from "./list.ts";
import { type Measurement, measure, subjectsOf } from "./measure.ts";
import { hugepagesFree } from "./peers/hugepages.ts";
import { findPeer } from "./peers/peer.ts";
import { installedRows } from "./peers/present.ts";
import { ROOT } from "./process.ts";
import { type MeasuredRing, measureRings, type RingRow } from "./ring/ring.ts";
import { renderRings } from "./ring/table.ts";
import type { Comparison } from "./rows/comparison.ts";
import { ringRows } from "./rows/typescript.ts";
import { comparisons, rowsNamed, usualRows } from "./rows.ts";
import { type MeasuredStages, measureStages, presentStages, stageRows } from "./stages/measure.ts";
import { recordRound } from "./stages/record.ts";
import { renderStages } from "./stages/table.ts";
import { type ChainSubject, lapsOf, programOf, type Subject } from "./subjects.ts";
import { type Conditions, ENOUGH_HUGEPAGES, render } from "./table.ts";
import { type TraceSpec, traceName } from "./trace/spec.ts";
import { makeTrace, type Trace } from "./trace/trace.ts";
import { makePatchedClone } from "./without/clone.ts";

const clock = (): number => performance.now() / 1000;
const say = (text: string): void => void process.stderr.write(`bench: ${duration(clock())}: ${text}\n`);

interface Chosen {
  readonly rows: readonly Comparison[];
  readonly rings: readonly RingRow[];
  readonly compile: readonly CompileRow[];
  readonly stages: boolean;
}

function chosen({ only }: BenchArguments): Chosen {
  const usual = only.length === 0 ? usualRows(comparisons) : comparisons;
  const all = [...usual, ...stageRows, ...ringRows, ...compileRows];
  const wanted = new Set(rowsNamed(all, only).map(({ name }) => name));
  if (wanted.size === 0)
    throw new UsageError(
      `no row's name contains ${only.join(" or ")}; there are ${all.map(({ name }) => name).join(", ")}`,
    );
  return {
    rows: usual.filter(({ name }) => wanted.has(name)),
    rings: ringRows.filter(({ name }) => wanted.has(name)),
    compile: compileRows.filter(({ name }) => wanted.has(name)),
    stages: stageRows.some(({ name }) => wanted.has(name)),
  };
}

/** What plays a trace. */
type Traced = { readonly trace: TraceSpec };

function makeTraces(subjects: readonly Traced[]): (subject: Traced) => Trace {
  const folder = join(ROOT, ".cache", "bench");
  const traces = new Map<string, Trace>();
  for (const { trace } of subjects) {
    const name = traceName(trace);
    if (traces.has(name)) continue;
    say(`trace: ${name}`);
    traces.set(name, makeTrace(trace, folder));
  }
  return ({ trace }) => traces.get(traceName(trace)) ?? makeTrace(trace, folder);
}

/** What compares no packets a second. */
interface Others {
  readonly rings: readonly MeasuredRing[];
  readonly stages: readonly MeasuredStages[];
  readonly compile: CompileMeasurement;
}

/** Before anything is measured: a file that cannot be written is wrong use. */
function claimJson(file: string): void {
  try {
    closeSync(openSync(file, "a"));
  } catch (error) {
    throw new UsageError(`--json: ${error instanceof Error ? error.message : error}`);
  }
}

function writeJson(file: string, measurement: Measurement, others: Others, conditions: Conditions): void {
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cpus: cpus().length };
  const all = { machine, ...conditions, ...measurement, ...others };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}

function runSubject(subject: Subject, trace: Trace, laps: number, march: string): Promise<Run> {
  if (subject.kind === "chain") return runChain(subject, trace, laps, { march });
  return subject.peer.run(findPeer(subject.peer) ?? subject.peer.program, trace);
}

async function buildChains(subjects: readonly Subject[], march: string): Promise<void> {
  const chains = subjects.flatMap((subject): readonly ChainSubject[] =>
    subject.kind === "chain" ? [subject] : [],
  );
  for (const name of new Set(chains.flatMap(({ without }) => (without === undefined ? [] : [without])))) {
    say(`copying the clone, without ${name}`);
    await makePatchedClone(name);
  }
  for (const [program, subject] of new Map(chains.map((one) => [programOf(one), one]))) {
    say(`building ${program}`);
    await build(subject, march);
  }
}

async function buildRings(rows: readonly RingRow[], march: string): Promise<void> {
  for (const chain of new Set(rows.map(({ subject }) => subject.chain))) {
    say(`building ${chain}`);
    await build({ chain }, march);
  }
}

async function bench(args: BenchArguments): Promise<void> {
  const { rounds, packets, march, json } = args;
  const wanted = chosen(args);
  if (json !== undefined) claimJson(json);
  if (wanted.rows.length > 0 && hugepagesFree() === 0)
    say(
      `no hugepages are free, so packets will be in ordinary pages: sysctl vm.nr_hugepages=${ENOUGH_HUGEPAGES}`,
    );
  const { rows, absent } = installedRows(wanted.rows);
  const sampled = await presentStages(wanted.stages);
  const subjects = [...subjectsOf(rows), ...sampled.subjects];
  const traceOf = makeTraces([...subjects, ...wanted.rings]);
  await buildChains(subjects, march);
  const measured = await measure(rows, rounds, {
    traceOf,
    lapsOf: (subject, { counts }) => lapsOf(subject, counts, packets),
    run: (subject, trace, laps) => runSubject(subject, trace, laps, march),
    progress: say,
    clock,
  });
  await buildRings(wanted.rings, march);
  // Of the packets that a run of the stack plays, half are enough for a handler alone.
  const rings = await measureRings(wanted.rings, {
    ...{ rounds, events: packets / 2, march },
    traceOf,
    progress: say,
  });
  const stages = await measureStages(sampled.subjects, {
    rounds,
    traceOf,
    lapsOf: (subject, { counts }, times) => lapsOf(subject, counts, packets * times),
    record: (subject, trace, laps) => recordRound(subject, trace, laps, march),
    progress: say,
  });
  const compile = await measureCompile(wanted.compile, { rounds, progress: say });
  const conditions = { rounds, march, absent: [...absent, ...sampled.absent], elapsedSeconds: clock() };
  const others = renderCompile(compile) + renderRings(rings) + renderStages(stages);
  process.stdout.write(others + render(measured, conditions));
  if (json !== undefined) writeJson(json, measured, { rings, stages, compile }, conditions);
}

await runCommand(USAGE, async () => {
  const args = readArguments(process.argv.slice(2));
  if (args.help) process.stdout.write(USAGE);
  else if (args.list) process.stdout.write(listRows());
  else await bench(args);
});
