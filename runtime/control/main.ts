/** A built program's entry: `mbx run` imports it and calls `run`. */
import { availableParallelism } from "node:os";
import { boot, type Program } from "./boot.ts";
import { checkOptions } from "./check-options.ts";
import { allowClosedReader, writeAll } from "./closed-reader.ts";
import type { DataplaneEnd, MemoryPlan, Problem, StartOptions } from "./dataplane.ts";
import { isRunCode, runCodes } from "./errors.ts";
import { whileWaiting } from "./impatience.ts";
import type { ManifestWorkerNf } from "./manifest.ts";
import type { RunOptions, RunResult } from "./options.ts";
import { type Console, printFault, printNote, printProblem, wantsColour } from "./problems.ts";
import { ProgressLine, progressLine } from "./progress.ts";
import { ResidentWatch } from "./resident.ts";
import { SnapshotReader } from "./snapshot.ts";
import { onInterrupt } from "./stop.ts";
import {
  formatBytes,
  type MemorySummary,
  memorySummary,
  renderMemory,
  renderSummary,
  summarise,
} from "./summary.ts";
import { NfWorker, type WorkerListener } from "./workers.ts";

export type { RunOptions, RunResult } from "./options.ts";

const SECOND_MS = 1_000;
/** Looks at an empty ring before a worker sleeps; none where the lcore needs the core. */
const SPIN = 1_000;
/** Workers that are still in a handler when all is to stop at once. */
const FINISH_NOW_MS = 500;
/** Exit code of a run that did not do all its work. */
const FAILED = 1;
/** Warnings behind which something was left undone. */
const UNDONE: ReadonlySet<string> = new Set([
  runCodes.outFailed,
  runCodes.handlerBusy,
  runCodes.drainTimedOut,
]);

/** Runs the program of this folder to its end. Prints all that there is to say; never throws. */
export async function run(options: RunOptions): Promise<RunResult> {
  return runProgram(new URL("./", import.meta.url), options);
}

/** `folder`: where the built program lies, with a slash at its end. */
export async function runProgram(folder: URL, options: RunOptions): Promise<RunResult> {
  const out: Console = {
    write: (text) => void process.stderr.write(text),
    colour: wantsColour(process.stderr.isTTY === true, process.env),
  };
  const release = allowClosedReader([process.stdout, process.stderr]);
  try {
    return await new Running(boot(folder), options, out).run();
  } catch (error) {
    printStartError(out, error);
    return { exitCode: 1 };
  } finally {
    release();
  }
}

function printStartError(out: Console, error: unknown): void {
  if (error instanceof Error && "code" in error && isRunCode(error.code)) {
    printProblem(out, "error", error.code, error.message);
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printProblem(
    out,
    "error",
    runCodes.dataplaneFailed,
    "the program failed for a reason of its own",
    text.split("\n"),
  );
}

/** One run. */
class Running {
  readonly #program: Program;
  readonly #options: RunOptions;
  readonly #out: Console;
  readonly #progress: ProgressLine | undefined;
  readonly #reader: SnapshotReader;
  readonly #instances: number;
  /** Functions in C on cores of their own. */
  readonly #natives: number;
  readonly #resident = new ResidentWatch();
  /** As taken at the start. */
  #memory: MemoryPlan = { hugepages: false, pools: [] };
  #workers: readonly NfWorker[] = [];
  /** Warnings of the dataplane that were printed. */
  #told = 0;
  /** Of devices that have gone away: what was said. */
  readonly #away = new Set<string>();
  #outputFailed = false;
  #stopNow = false;
  #begin = 0;

  constructor(program: Program, options: RunOptions, out: Console) {
    this.#program = program;
    this.#options = options;
    this.#progress =
      process.stderr.isTTY === true
        ? new ProgressLine(out.write, () => process.stderr.columns || 80)
        : undefined;
    this.#out = { ...out, write: (text) => this.#print(out, text) };
    const description = program.dataplane.describe();
    this.#reader = new SnapshotReader(program.dataplane, description);
    this.#instances = description.instances;
    this.#natives = description.natives;
  }

  async run(): Promise<RunResult> {
    const { manifest, dataplane } = this.#program;
    const problems = checkOptions(this.#options, manifest.ports);
    for (const { code, message } of problems) printProblem(this.#out, "error", code, message);
    if (problems.length > 0) return { exitCode: 1 };

    this.#resident.opened(() => dataplane.open(startOptions(this.#options)));
    try {
      return await this.#runOpen();
    } finally {
      await Promise.all(this.#workers.map((worker) => worker.kill()));
      dataplane.close();
    }
  }

  async #runOpen(): Promise<RunResult> {
    const { dataplane } = this.#program;
    this.#memory = dataplane.memory();
    this.#printMemory(this.#memory);
    this.#printWarnings(dataplane.warnings(this.#told));
    this.#workers = this.#createWorkers();
    const ready = await Promise.all(this.#workers.map((worker) => worker.ready()));
    if (ready.includes(false)) return { exitCode: 1 };

    this.#begin = performance.now();
    const end = await this.#untilEnded();
    const seconds = (performance.now() - this.#begin) / SECOND_MS;
    await Promise.all(this.#workers.map((worker) => worker.finish(this.#patience(worker, end))));
    this.#printEnd(end);
    await this.#printSummary(seconds, end);
    return { exitCode: this.#complete(end) ? 0 : FAILED };
  }

  /** How long a worker has to finish, in milliseconds. Who has kept the dataplane waiting is named, and gets no more. */
  #patience(worker: NfWorker, end: DataplaneEnd): number | undefined {
    const late = end.warnings.some(({ code }) => code === runCodes.drainTimedOut);
    const stuck = late && worker.tellIfStuck(performance.now(), "it is ended");
    return this.#stopNow || stuck ? FINISH_NOW_MS : undefined;
  }

  /** Everything that was asked for was done. */
  #complete(end: DataplaneEnd): boolean {
    return (
      end.reason !== "failed" &&
      !this.#outputFailed &&
      this.#away.size === 0 &&
      !this.#workers.some((worker) => worker.died) &&
      !end.warnings.some(({ code }) => UNDONE.has(code))
    );
  }

  async #untilEnded(): Promise<DataplaneEnd> {
    const { dataplane } = this.#program;
    const ended = new Promise<DataplaneEnd>((resolve) => {
      dataplane.onEnded(resolve);
    });
    let calm = (): void => {};
    const release = onInterrupt((how) => {
      this.#out.write(
        how === "drain"
          ? "stopping: what is in flight is finished; again to stop at once\n"
          : "stopping at once\n",
      );
      this.#stopNow = how === "now";
      dataplane.stop(how);
      calm();
      calm = whileWaiting(
        {
          dataplane,
          threads: this.#instances + this.#natives,
          workers: this.#workers,
          problem: this.#listener().problem,
          giveUp: () => void this.#giveUp(),
        },
        how,
      );
    });
    this.#resident.start();
    dataplane.start();
    let timer: NodeJS.Timeout | undefined;
    try {
      this.#printRunning();
      timer = this.#everySecond();
      return await ended;
    } catch (fault) {
      // Who closes it waits for its threads, and nobody else could stop them any more.
      dataplane.stop("now");
      await ended;
      throw fault;
    } finally {
      clearInterval(timer);
      calm();
      release();
      this.#progress?.clear();
    }
  }

  /** The lcore's thread cannot be ended, only the process: with what is known. */
  async #giveUp(): Promise<void> {
    await this.#printSummary((performance.now() - this.#begin) / SECOND_MS, undefined);
    process.exit(FAILED);
  }

  #everySecond(): NodeJS.Timeout {
    let before = this.#reader.read();
    let beforeTime = performance.now();
    return setInterval(() => {
      const time = performance.now();
      for (const worker of this.#workers) worker.watch(time);
      this.#printWarnings(this.#program.dataplane.warnings(this.#told));
      if (this.#progress === undefined) return;
      const now = this.#reader.read();
      this.#progress.show(progressLine(before, now, (time - beforeTime) / SECOND_MS));
      before = now;
      beforeTime = time;
    }, SECOND_MS);
  }

  #createWorkers(): readonly NfWorker[] {
    const { manifest, dataplane, folder, addon } = this.#program;
    const description = dataplane.describe();
    const spin = availableParallelism() > 1 ? SPIN : 0;
    const listener = this.#listener();
    const chains = Array.from({ length: this.#instances }, () => manifest.chains).flat();
    return chains.flatMap((chain, number) =>
      chain.nfs.filter(isWorkerNf).map(
        (nf) =>
          new NfWorker(
            new URL("worker.mjs", folder),
            {
              addon,
              module: new URL(nf.module, folder).href,
              nf: nf.name,
              ...(nf.core === undefined ? {} : { core: nf.core }),
              chain: number,
              outlet: nf.outlet,
              layout: nf.layout,
              subscriptions: nf.subscriptions,
              flows: description.chains[number % manifest.chains.length]?.flows ?? 0,
              spin,
              clearLine: this.#progress !== undefined,
              printTo: this.#options.json ? 2 : 1,
            },
            dataplane,
            listener,
          ),
      ),
    );
  }

  #listener(): WorkerListener {
    const out = this.#out;
    return {
      fault: (nf, fault) => printFault(out, nf, fault),
      moreFaults: (nf, count) => printNote(out, `\`${nf}\` failed ${count} more times in the last second`),
      lost: (nf) =>
        printProblem(out, "warning", runCodes.eventsLost, `\`${nf}\` is behind: it does not get every event`),
      problem: (tone, code, message, detail) => printProblem(out, tone, code, message, detail),
      outputClosed: () => this.#program.dataplane.stop("drain"),
      outputFailed: (nf, reason) => this.#tellOutputFailed(`what \`${nf}\` prints`, reason),
    };
  }

  #tellOutputFailed(what: string, reason: string): void {
    this.#outputFailed = true;
    printProblem(this.#out, "error", runCodes.outputFailed, `${what} cannot be written: ${reason}`);
  }

  #print(out: Console, text: string): void {
    this.#progress?.clear();
    out.write(text);
  }

  #printMemory({ pools, hugepages }: MemoryPlan): void {
    const sum = pools.reduce((bytes, pool) => bytes + pool.bytes, 0);
    this.#out.write(`memory: ${formatBytes(sum)}${hugepages ? " in hugepages" : ", without hugepages"}\n`);
    if (!this.#options.verbose) return;
    const width = Math.max(...pools.map(({ name }) => name.length));
    for (const { name, count, bytes } of pools) {
      this.#out.write(
        `  ${name.padEnd(width)}  ${String(count).padStart(9)} × ${formatBytes(bytes / Math.max(1, count))} = ${formatBytes(bytes)}\n`,
      );
    }
  }

  #memorySummary(): MemorySummary {
    return memorySummary(this.#memory, this.#program.dataplane.memory(), this.#resident.read());
  }

  #printRunning(): void {
    const { capture, verbose } = this.#options;
    const sharing = this.#program.dataplane.sharing();
    if (sharing !== "" && (capture === undefined || verbose)) this.#out.write(`${sharing}\n`);
    if (capture !== undefined) {
      if (verbose) this.#out.write(`running: ${this.#program.manifest.program} over ${capture}\n`);
      return;
    }
    const bound = this.#options.ports.map(({ name, device }) => `${name} on ${device}`).join(", ");
    this.#out.write(`running: ${this.#program.manifest.program}, ${bound}; Ctrl-C ends it\n`);
  }

  #printEnd(end: DataplaneEnd): void {
    this.#printWarnings(end.warnings.slice(this.#told));
    if (end.failure !== undefined) printProblem(this.#out, "error", end.failure.code, end.failure.message);
  }

  #printWarnings(warnings: readonly Problem[]): void {
    this.#told += warnings.length;
    for (const { code, message } of warnings) {
      printProblem(this.#out, code === runCodes.outFailed ? "error" : "warning", code, message);
      if (code === runCodes.deviceGone) this.#away.add(message);
    }
  }

  async #printSummary(seconds: number, end: DataplaneEnd | undefined): Promise<void> {
    const faults = new Map<string, number>();
    for (const { nf, faults: count } of this.#workers) faults.set(nf, (faults.get(nf) ?? 0) + count);
    const summary = summarise(
      this.#program.manifest.program,
      {
        seconds,
        cycles: end?.cycles ?? 0,
        cyclesPerSecond: end?.cyclesPerSecond ?? 0,
        ...(end?.latency === undefined ? {} : { latency: end.latency }),
      },
      this.#reader.read(),
      faults,
      this.#died(),
      this.#memorySummary(),
      this.#reader.readInstances(),
    );
    this.#out.write(renderSummary(summary));
    if (this.#options.verbose) this.#out.write(renderMemory(summary.memory));
    const unkept = summary.counters["dropped.unkept"] ?? 0;
    if (unkept > 0) {
      const packets = unkept === 1 ? "a packet was" : `${unkept} packets were`;
      const why = "`buffer` had no room to remember what is not acknowledged";
      printProblem(this.#out, "warning", runCodes.bufferFull, `${packets} dropped, because ${why}`);
    }
    for (const message of this.#away) printNote(this.#out, message.replace(/: .*/, " while it ran"));
    const failing = Object.entries(summary.nfs).filter(([, { errors }]) => errors > 0);
    for (const [name, { errors }] of failing) {
      printNote(this.#out, `handlers of \`${name}\` failed ${errors === 1 ? "once" : `${errors} times`}`);
    }
    if (!this.#options.json) return;
    const reason = await writeAll(process.stdout, `${JSON.stringify(summary)}\n`);
    if (reason !== undefined) this.#tellOutputFailed("the summary", reason);
  }

  /** By NF: how many of its workers have ended by themselves. */
  #died(): ReadonlyMap<string, number> {
    const died = new Map<string, number>();
    for (const worker of this.#workers) {
      if (worker.died) died.set(worker.nf, (died.get(worker.nf) ?? 0) + 1);
    }
    return died;
  }
}

function isWorkerNf(nf: { readonly language: string }): nf is ManifestWorkerNf {
  return nf.language === "ts";
}

function startOptions(options: RunOptions): StartOptions {
  const { capture, laps, out, ports, burst, speed, poll, rss, latency, rings } = options;
  return {
    ports,
    burst,
    speed,
    poll,
    ...(capture === undefined ? {} : { capture }),
    ...(laps === undefined ? {} : { laps }),
    ...(out === undefined ? {} : { out }),
    ...(rss === undefined ? {} : { rss }),
    ...(latency === true ? { latency: 1 } : {}),
    ...(rings === undefined ? {} : { rings }),
  };
}
