/**
 * Ctrl-C during a build: the tools are ended, locks are given back, and the
 * command ends as a shell expects it. Signals belong to the process, so this
 * state does too.
 */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type StopSignal = keyof typeof SIGNALS;

export class Stopped extends Error {
  /** As a shell has it: 128 and the signal's number. */
  readonly exitCode: number;

  constructor(signal: StopSignal) {
    super(`stopped by ${signal}`);
    this.name = "Stopped";
    this.exitCode = 128 + SIGNALS[signal];
  }
}

let current = new AbortController();

/** Aborted when a build is to stop: for what waits or starts a process. */
export function stopSignal(): AbortSignal {
  return current.signal;
}

/** Does `work` so that a signal ends it with `Stopped`. A second signal ends the process at once. */
export async function stoppable<T>(work: () => Promise<T>): Promise<T> {
  const controller = new AbortController();
  current = controller;
  let stopped: Stopped | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    release();
    if (!isStopSignal(signal)) return;
    stopped = new Stopped(signal);
    controller.abort(stopped);
  };
  const release = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const result = await work();
    if (stopped !== undefined) throw stopped;
    return result;
  } catch (error) {
    // What fails after a signal fails because of it.
    throw stopped ?? error;
  } finally {
    release();
  }
}

const signals = Object.keys(SIGNALS).filter(isStopSignal);

function isStopSignal(name: string): name is StopSignal {
  return name in SIGNALS;
}
