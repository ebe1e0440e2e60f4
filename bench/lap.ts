/** One run: laps of a chain over a trace in a process of its own, their counts checked. */
import { join } from "node:path";
import { BenchError, ROOT, runOrThrow } from "./process.ts";
import type { ChainSubject } from "./subjects.ts";
import type { Trace } from "./trace/trace.ts";
import { patchedClone } from "./without/clone.ts";

/** What a run came to. */
export interface Run {
  readonly packets: number;
  readonly seconds: number;
  /** Of the timestamp counter, where it is known; each packet's share is printed. */
  readonly cycles?: number;
  readonly hugepages: boolean;
  /** Cycles from receive to transmit that half of the packets took at most, and 99 of 100; where it was asked for. */
  readonly latency?: { readonly p50: number; readonly p99: number };
}

/** How a chain is compiled and run. */
export interface Running {
  readonly march: string;
  /** A program with its arguments, of others, that starts the run and looks at it. */
  readonly under?: readonly string[];
}

/** What is compiled, and where. */
type Compiled = Pick<ChainSubject, "chain" | "planned" | "without">;

/** `mbx VERB CHAIN` with flags of the subject, of the clone that it is compiled in. */
function mbx(
  verb: "build" | "run",
  { chain, planned = [], without }: Compiled,
  { march, under = [] }: Running,
  args: readonly string[],
) {
  const clone = without === undefined ? ROOT : patchedClone(without);
  const all = [...under, process.execPath, join(clone, "bin", "mbx.mjs"), verb, join(clone, chain)];
  const [program = "", ...rest] = [...all, ...planned, "--march", march, ...args];
  return runOrThrow(program, rest);
}

export async function build(subject: Compiled, march: string): Promise<void> {
  await mbx("build", subject, { march }, []);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** What the summary has by a dotted name; names may have dots themselves. */
function valueAt(value: unknown, name: string): unknown {
  if (name === "") return value;
  if (!isRecord(value)) return undefined;
  const parts = name.split(".");
  for (let taken = parts.length; taken > 0; taken--) {
    const key = parts.slice(0, taken).join(".");
    if (key in value) return valueAt(value[key], parts.slice(taken).join("."));
  }
  return undefined;
}

/** Absent is 0. */
export function numberAt(summary: unknown, name: string): number {
  const value = valueAt(summary, name);
  return typeof value === "number" ? value : 0;
}

/** What is not as it must be after so many laps, a line each. */
export function wrongCounts(
  summary: unknown,
  expected: Readonly<Record<string, number>>,
  laps: number,
): readonly string[] {
  return Object.entries(expected).flatMap(([name, count]) => {
    const counted = numberAt(summary, name);
    return counted === count * laps ? [] : [`${name} is ${counted}, the trace has ${count * laps}`];
  });
}

/** Below this, interrupts and a cold cache say more than the run. */
const SHORTEST_S = 0.005;

function latencyOf(summary: unknown): Pick<Run, "latency"> {
  if (numberAt(summary, "latency.packets") === 0) return {};
  return { latency: { p50: numberAt(summary, "latency.p50"), p99: numberAt(summary, "latency.p99") } };
}

export async function runChain(
  subject: ChainSubject,
  trace: Trace,
  laps: number,
  running: Running,
): Promise<Run> {
  const { name, run = [] } = subject;
  const source = ["--capture", trace.path, "--laps", String(laps)];
  const { stdout } = await mbx("run", subject, running, [...source, ...run, "--poll", "busy", "--json"]);
  const summary: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  const wrong = wrongCounts(summary, subject.expected(trace.counts), laps);
  if (wrong.length > 0) throw new BenchError(`${name} over ${trace.name} counted wrong: ${wrong.join("; ")}`);
  // Of the lcore alone: the program's own seconds have the start of its threads too.
  const cycles = numberAt(summary, "lcore.cycles");
  const seconds = cycles / numberAt(summary, "lcore.cycles_per_second");
  if (!(seconds >= SHORTEST_S))
    throw new BenchError(`${name} took ${seconds} s, too short to measure: raise --packets`);
  return {
    packets: trace.counts.packets * laps,
    seconds,
    cycles,
    hugepages: valueAt(summary, "memory.hugepages") === true,
    ...latencyOf(summary),
  };
}
