/** One lap: a chain over a trace in a process of its own, its counts checked. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Summary } from "../runtime/control/summary.ts";
import type { Subject } from "./rows.ts";
import type { Trace } from "./trace/trace.ts";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MBX = fileURLToPath(new URL("../bin/mbx.mjs", import.meta.url));

/** A bench that cannot go on, with a sentence for its user. */
export class BenchError extends Error {}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function mbx(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MBX, ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

async function mbxOrThrow(args: readonly string[]): Promise<Ended> {
  const ended = await mbx(args);
  if (ended.code !== 0)
    throw new BenchError(`\`mbx ${args.join(" ")}\` ended with code ${ended.code}:\n${ended.stderr}`);
  return ended;
}

export async function build(chain: string): Promise<void> {
  await mbxOrThrow(["build", chain]);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** A number of the summary by its dotted name; names may have dots themselves. Absent is 0. */
export function numberAt(value: unknown, name: string): number {
  if (name === "") return typeof value === "number" ? value : 0;
  if (!isRecord(value)) return 0;
  const parts = name.split(".");
  for (let taken = parts.length; taken > 0; taken--) {
    const key = parts.slice(0, taken).join(".");
    if (key in value) return numberAt(value[key], parts.slice(taken).join("."));
  }
  return 0;
}

/** What is not as it must be, a line each. */
export function wrongCounts(summary: unknown, expected: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(expected).flatMap(([name, count]) => {
    const counted = numberAt(summary, name);
    return counted === count ? [] : [`${name} is ${counted}, the trace has ${count}`];
  });
}

function readSummary(stdout: string): Pick<Summary, "seconds"> {
  const summary: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  return isRecord(summary) && typeof summary.seconds === "number"
    ? { ...summary, seconds: summary.seconds }
    : { seconds: 0 };
}

/** The summary has milliseconds: below this, a lap says nothing. */
const SHORTEST_S = 0.005;

/** Packets a second. */
export async function lap(subject: Subject, trace: Trace): Promise<number> {
  const { stdout } = await mbxOrThrow([
    "run",
    subject.chain,
    "--capture",
    trace.path,
    "--poll",
    "busy",
    "--json",
  ]);
  const summary = readSummary(stdout);
  const wrong = wrongCounts(summary, subject.expected(trace.counts, trace.spec));
  if (wrong.length > 0) throw new BenchError(`a lap of ${subject.name} counted wrong: ${wrong.join("; ")}`);
  if (summary.seconds < SHORTEST_S)
    throw new BenchError(
      `a lap of ${subject.name} took ${summary.seconds} s, too short to measure: raise --packets`,
    );
  return trace.counts.packets / summary.seconds;
}
