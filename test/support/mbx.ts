import { fileURLToPath } from "node:url";
import type { Summary } from "../../runtime/control/summary.ts";
import { commandIn, type Namespace } from "./netns.ts";
import { type Ran, type Running, type RunOptions, runProgram, startProgram } from "./program.ts";

const BINARY = fileURLToPath(new URL("../../bin/mbx.mjs", import.meta.url));

/** The repository's root. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The command line of mbx, without npx: that adds half a second to every start. */
export const mbxCommand = (args: readonly string[]): readonly string[] => [process.execPath, BINARY, ...args];

/** Runs mbx to its end, in the repository's root unless `cwd` says otherwise. */
export function mbx(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return runProgram(mbxCommand(args), { cwd: ROOT, ...options });
}

/** Packets that were dropped, over all causes. */
export function allDropped({ packets }: Summary): number {
  return Object.values(packets.dropped).reduce((sum, count) => sum + count, 0);
}

/** A chain that runs on live devices beside the test. */
export interface LiveRun {
  readonly running: Running;
  /** Stops it as Ctrl-C does and waits for its end. */
  readonly interrupt: () => Promise<Ran>;
}

/** Milliseconds: a first build compiles the chain and the addon. */
const START_LIMIT = 120_000;

/** Starts `mbx run` in a namespace and waits until it forwards. */
export async function startLive(namespace: Namespace, args: readonly string[]): Promise<LiveRun> {
  const running = startProgram(commandIn(namespace, mbxCommand(["run", ...args])), {
    cwd: ROOT,
    limit: 300_000,
  });
  await running.untilPrinted(/\brunning\b/i, START_LIMIT);
  return {
    running,
    interrupt: () => {
      running.kill("SIGINT");
      return running.ended;
    },
  };
}

const PARTS = ["program", "packets", "flows", "events", "nfs", "ports", "counters"] as const;

const isSummary = (value: unknown): value is Summary =>
  typeof value === "object" && value !== null && PARTS.every((part) => part in value);

/** Reads the object of `--json`, the last line; before it is what handlers printed. */
export function readSummary({ stdout, stderr }: Ran): Summary {
  let printed: unknown;
  try {
    printed = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  } catch {
    printed = undefined;
  }
  if (isSummary(printed)) return printed;
  throw new Error(
    `stdout does not end with the summary as one object:\n${stdout}\n--- stderr ---\n${stderr}`,
  );
}
