import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** How a program ended. */
export interface Ran {
  /** Exit code; `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of this process; `undefined` removes a name. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until it is killed; a minute unless given. */
  readonly limit?: number;
}

/** A program that runs beside the test. */
export interface Running {
  readonly pid: number;
  /** What it has printed until now. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when standard error or standard output has matched; rejects when it ends before. */
  readonly untilPrinted: (pattern: RegExp, limit: number) => Promise<void>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ran>;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

function environment(changes: RunOptions["env"]): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  // A test says what it wants; what the person's terminal has does not matter.
  for (const name of ["FORCE_COLOR", "NO_COLOR"]) delete env[name];
  for (const [name, value] of Object.entries(changes ?? {})) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

/** Kills the program and all that it started. */
function killGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** What runs now: it ends with this process. */
const children = new Set<Child>();
process.on("exit", () => {
  for (const child of children) killGroup(child, "SIGKILL");
});

// A signal ends a process without its exit's listeners. Who else listens to it sees to that.
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
] as const)
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(128 + number);
  });

export function startProgram(command: readonly string[], options: RunOptions = {}): Running {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: environment(options.env),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  children.add(child);
  const limit = options.limit ?? 60_000;
  const timer = setTimeout(() => {
    stderr += `\n[test] killed after ${limit / 1000} s\n`;
    killGroup(child, "SIGKILL");
  }, limit);

  const ended = new Promise<Ran>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      children.delete(child);
      resolve({ code, signal, stdout, stderr });
    });
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    untilPrinted: (pattern, within) => untilPrinted(ended, () => stderr + stdout, pattern, within),
    kill: (signal) => child.kill(signal),
    ended,
  };
}

async function untilPrinted(
  ended: Promise<Ran>,
  printed: () => string,
  pattern: RegExp,
  limit: number,
): Promise<void> {
  let over: Ran | undefined;
  ended.then(
    (ran) => {
      over = ran;
    },
    () => undefined,
  );
  const deadline = Date.now() + limit;
  while (!pattern.test(printed())) {
    if (over !== undefined) throw new Error(`it ended with ${over.code ?? over.signal} first:\n${printed()}`);
    if (Date.now() > deadline)
      throw new Error(`it did not print ${pattern} in ${limit / 1000} s:\n${printed()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs a program to its end. */
export function runProgram(command: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return startProgram(command, options).ended;
}
