/** One run: laps of a chain over a trace in a process of its own, their counts checked. */
import { fileURLToPath } from "node:url";
import { BenchError, runOrThrow } from "./process.ts";
import type { ChainSubject } from "./subjects.ts";
import type { Trace } from "./trace/trace.ts";

const MBX = fileURLToPath(new URL("../bin/mbx.mjs", import.meta.url));

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

const mbx = (args: readonly string[]) => runOrThrow(process.execPath, [MBX, ...args]);

export async function build(
  { chain, planned = [] }: Pick<ChainSubject, "chain" | "planned">,
  march: string,
): Promise<void> {
  await mbx(["build", chain, ...planned, "--march", march]);
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
  march: string,
): Promise<Run> {
  const { name, chain, planned = [], run = [] } = subject;
  const how = [...planned, ...run, "--poll", "busy", "--march", march];
  const source = ["--capture", trace.path, "--laps", String(laps)];
  const { stdout } = await mbx(["run", chain, ...source, ...how, "--json"]);
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
