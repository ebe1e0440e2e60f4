/** Main's side of the workers: starts them, hears them, notices when one dies or hangs. */
import { Worker } from "node:worker_threads";
import type { Dataplane } from "./dataplane.ts";
import { runCodes } from "./errors.ts";
import type { Fault, WorkerMessage, WorkerSetup } from "./messages.ts";
import { BusyWatch, createStatus } from "./status.ts";

/** A handler that runs for so long is reported, once. */
const BUSY_MS = 5_000;
/** The same when somebody waits for the end of the run. */
const STUCK_MS = 1_000;
/** For a worker that was told to finish: its own limits are lower. */
const FINISH_MS = 10_000;

export type WorkerPlan = Omit<WorkerSetup, "status">;

export interface WorkerListener {
  fault(nf: string, fault: Fault): void;
  moreFaults(nf: string, count: number): void;
  lost(nf: string): void;
  problem(tone: "error" | "warning", code: WorkerProblem, message: string, detail: readonly string[]): void;
  outputClosed(): void;
  outputFailed(nf: string, reason: string): void;
}

export type WorkerProblem = (typeof runCodes)[
  | "workerDied"
  | "noSuchCore"
  | "handlerBusy"
  | "handlerNotLoaded"
  | "handlerMismatch"];

type Phase = "starting" | "running" | "refused" | "finishing" | "gone";

/** One TypeScript network function. */
export class NfWorker {
  readonly nf: string;
  readonly #plan: WorkerPlan;
  readonly #dataplane: Pick<Dataplane, "abandon">;
  readonly #listener: WorkerListener;
  readonly #worker: Worker;
  readonly #watch: BusyWatch;
  readonly #exited: Promise<void>;
  readonly #ready: Promise<boolean>;
  #settleReady: (ready: boolean) => void = () => {};
  #phase: Phase = "starting";
  #died = false;
  #busyTold = false;
  #faults = 0;
  #failure = "";

  constructor(entry: URL, plan: WorkerPlan, dataplane: Pick<Dataplane, "abandon">, listener: WorkerListener) {
    this.nf = plan.nf;
    this.#plan = plan;
    this.#dataplane = dataplane;
    this.#listener = listener;
    const status = createStatus();
    this.#watch = new BusyWatch(status, performance.now());
    const setup: WorkerSetup = { ...plan, status };
    // Flags of this process are for its own script: loaders have no business in a worker.
    this.#worker = new Worker(entry, { workerData: setup, name: plan.nf, execArgv: [] });
    this.#ready = new Promise((resolve) => {
      this.#settleReady = resolve;
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on("exit", (code) => {
        this.#gone(code);
        resolve();
      });
    });
    this.#worker.on("message", (message: WorkerMessage) => this.#hear(message));
    this.#worker.on("error", (error) => {
      this.#failure = `: ${error.message}`;
    });
  }

  /** True once it handles events; false when it cannot (and has said why). */
  ready(): Promise<boolean> {
    return this.#ready;
  }

  /** What handlers threw, in events and outside of them. */
  get faults(): number {
    return this.#faults;
  }

  /** It ended by itself, before its work was done. */
  get died(): boolean {
    return this.#died;
  }

  /** Call about once a second. */
  watch(now: number): void {
    if (this.#busyTold || this.#busyFor(now) < BUSY_MS) return;
    this.#busyTold = true;
    this.#tellBusy(BUSY_MS, "its other events wait");
  }

  /** Says so when it is in one handler for long; true: it is. For who waits for its end. */
  tellIfStuck(now: number, hint: string): boolean {
    const busy = this.#busyFor(now);
    if (busy < STUCK_MS) return false;
    this.#tellBusy(busy, hint);
    return true;
  }

  #busyFor(now: number): number {
    return this.#phase === "running" ? this.#watch.busyFor(now) : 0;
  }

  #tellBusy(milliseconds: number, hint: string): void {
    const event = this.#plan.subscriptions[this.#watch.kind];
    this.#listener.problem(
      "warning",
      runCodes.handlerBusy,
      `\`${this.nf}\` has been in one handler for ${Math.round(milliseconds / 1000)} s`,
      [event === undefined ? hint : `at ${event}; ${hint}`],
    );
  }

  /** Ends it: its `end` handler runs, its memory is let go. Kills it when that takes too long. */
  async finish(limitMs: number = FINISH_MS): Promise<void> {
    if (this.#phase === "running") {
      this.#phase = "finishing";
      this.#worker.postMessage({ kind: "finish" });
    }
    const limit = setTimeout(() => void this.kill(), limitMs);
    await this.#exited;
    clearTimeout(limit);
  }

  /** Interrupts also a handler that never returns. */
  async kill(): Promise<void> {
    if (this.#phase !== "gone") this.#phase = "finishing";
    await this.#worker.terminate();
    await this.#exited;
  }

  #hear(message: WorkerMessage): void {
    switch (message.kind) {
      case "ready":
        this.#phase = "running";
        this.#settleReady(true);
        return;
      case "refused":
        this.#phase = "refused";
        this.#listener.problem(
          "error",
          refusalCode(message.code),
          message.message,
          nonEmptyLines(message.detail),
        );
        return;
      case "fault":
        this.#faults++;
        this.#listener.fault(this.nf, message.fault);
        return;
      case "more-faults":
        this.#faults += message.count;
        this.#listener.moreFaults(this.nf, message.count);
        return;
      case "lost":
        this.#listener.lost(this.nf);
        return;
      case "output-closed":
        this.#listener.outputClosed();
        return;
      case "output-failed":
        this.#listener.outputFailed(this.nf, message.reason);
        return;
      case "done":
        this.#faults = message.faults;
        this.#phase = "finishing";
        return;
    }
  }

  #gone(code: number): void {
    const phase = this.#phase;
    this.#phase = "gone";
    this.#settleReady(false);
    this.#dataplane.abandon(this.#plan.chain, this.#plan.outlet);
    if (phase === "finishing" || phase === "refused") return;
    this.#died = true;
    this.#listener.problem(
      "error",
      runCodes.workerDied,
      `the worker of \`${this.nf}\` has ended${this.#failure === "" ? ` with exit code ${code}` : this.#failure}`,
      ["the chain goes on without it: the events that it had not handled are lost"],
    );
  }
}

function refusalCode(code: string): WorkerProblem {
  if (code === runCodes.handlerMismatch || code === runCodes.handlerNotLoaded) return code;
  if (code === runCodes.noSuchCore) return code;
  return runCodes.workerDied;
}

function nonEmptyLines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}
