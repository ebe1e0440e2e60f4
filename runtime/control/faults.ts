/** Turns what a handler threw into a report: the first few whole, then counts. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type RunCode, runCodes } from "./errors.ts";
import type { Fault, FaultSite, WorkerMessage } from "./messages.ts";
import type { RingViews } from "./nf-module.ts";
import { EVENT_FLOW_GENERATION, EVENT_FLOW_INDEX, EVENT_TIME, FLOW_NONE } from "./ring.ts";

/** Faults of a worker that are told one by one. */
export const FAULTS_IN_FULL = 10;
const STACK_LINES = 8;

export class FaultReporter {
  readonly #send: (message: WorkerMessage) => void;
  readonly #subscriptions: readonly string[];
  #count = 0;
  #untold = 0;

  constructor(subscriptions: readonly string[], send: (message: WorkerMessage) => void) {
    this.#subscriptions = subscriptions;
    this.#send = send;
  }

  get count(): number {
    return this.#count;
  }

  threw(error: unknown, events: RingViews, base: number, kind: number): void {
    this.#report(runCodes.handlerThrew, error, () => faultSite(events, base, this.#subscriptions[kind]));
  }

  /** Outside of any event: a timer or a callback of the handler's. */
  threwLater(error: unknown): void {
    this.#report(runCodes.handlerThrew, error, () => undefined);
  }

  rejected(reason: unknown): void {
    this.#report(runCodes.promiseRejected, reason, () => undefined);
  }

  /** Tells how many there were since the last call; about once a second. */
  tellCount(): void {
    if (this.#untold === 0) return;
    this.#send({ kind: "more-faults", count: this.#untold });
    this.#untold = 0;
  }

  #report(code: RunCode, error: unknown, site: () => FaultSite | undefined): void {
    this.#count++;
    if (this.#count > FAULTS_IN_FULL) {
      this.#untold++;
      return;
    }
    this.#send({ kind: "fault", fault: describeFault(code, error, site()) });
  }
}

function describeFault(code: RunCode, error: unknown, site: FaultSite | undefined): Fault {
  return {
    code,
    message: errorMessage(error),
    stack: errorStack(error),
    ...(site === undefined ? {} : { site }),
  };
}

function faultSite(events: RingViews, base: number, event: string | undefined): FaultSite {
  const index = events.u32[(base + EVENT_FLOW_INDEX) >> 2] ?? FLOW_NONE;
  const generation = events.u32[(base + EVENT_FLOW_GENERATION) >> 2] ?? 0;
  const low = events.u32[(base + EVENT_TIME) >> 2] ?? 0;
  const high = events.u32[(base + EVENT_TIME + 4) >> 2] ?? 0;
  return {
    event: event ?? "a notice of lost events",
    time: (BigInt(high) << 32n) | BigInt(low),
    ...(index === FLOW_NONE ? {} : { flow: { index, generation } }),
  };
}

/** Never throws: what was thrown may be anything. */
export function errorMessage(error: unknown): string {
  try {
    if (!(error instanceof Error)) return `threw ${String(error)}`;
    const name = error.name === "Error" ? "" : `${error.name}: `;
    return `${name}${error.message.split("\n")[0] ?? ""}`;
  } catch {
    return "threw something that cannot be printed";
  }
}

/** The frames of the author's files, outermost last, paths relative to here. */
export function errorStack(error: unknown): readonly string[] {
  try {
    if (!(error instanceof Error) || typeof error.stack !== "string") return [];
    return error.stack
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line.startsWith("at ") && !isOurs(line))
      .slice(0, STACK_LINES)
      .map(shortenPaths);
  } catch {
    return [];
  }
}

/** Frames of the worker, of the generated stub and of Node say nothing to the author. */
function isOurs(frame: string): boolean {
  return /node:internal|\/runtime\/control\/|\/worker\.mjs|\.gen\.[jt]s[:)]|nf-[^/]*\.entry\.ts/.test(frame);
}

function shortenPaths(frame: string): string {
  return frame.replace(/(?:file:\/\/)?\/[^():]+/, (found) => {
    const path = found.startsWith("file://") ? fileURLToPath(found) : found;
    const short = relative(process.cwd(), path);
    return short.startsWith("..") ? path : short;
  });
}
