import { type ChildProcess, spawn } from "node:child_process";

/** How a program ended. */
export interface Ended {
  /** Exit code; -1 when a signal ended it or it could not be started. */
  readonly code: number;
  /** Standard output and standard error, in the order in which they arrived. */
  readonly output: string;
}

/** More than this is not kept: a test in an endless loop must not take the machine's memory. */
const OUTPUT_LIMIT = 4 * 1024 * 1024;

/** Time between asking a program to stop and killing it, in milliseconds. */
const GRACE = 3000;

/** A program that the runner started ends with it, even when the runner is killed. */
const WITH_US = ["setpriv", "--pdeathsig", "KILL"];

/** Leaders of the process groups that are running now. */
const running = new Set<ChildProcess>();

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended by itself.
  }
}

function stopGroup(child: ChildProcess): void {
  signalGroup(child, "SIGTERM");
  setTimeout(() => signalGroup(child, "SIGKILL"), GRACE).unref();
}

/**
 * Runs a program in a process group of its own, so that whatever it starts can
 * be ended with it. `limit` is in milliseconds.
 */
export function runProcess(
  command: readonly string[],
  limit: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  const [program = "", ...args] = [...WITH_US, ...command];
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: string) => {
      if (output.length < OUTPUT_LIMIT) output += chunk;
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    running.add(child);

    const timer = setTimeout(() => {
      keep(`\nstopped: it did not end within ${limit / 1000} s\n`);
      stopGroup(child);
    }, limit);
    const finish = (code: number) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, output });
    };
    child.on("error", (error) => {
      keep(`${error.message}\n`);
      finish(-1);
    });
    // Something in the group may outlive its leader and hold the pipes open.
    child.on("exit", () => signalGroup(child, "SIGKILL"));
    child.on("close", (code, signal) => {
      if (signal !== null) keep(`\nended by ${signal}\n`);
      finish(code ?? -1);
    });
  });
}

/** Asks everything that is running to stop, and kills what does not. */
export async function stopEverything(): Promise<void> {
  for (const child of running) signalGroup(child, "SIGTERM");
  const deadline = Date.now() + GRACE;
  while (running.size > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const child of running) signalGroup(child, "SIGKILL");
}
