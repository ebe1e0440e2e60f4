/** Entry of a worker thread: runs the handlers of one network function. */
import { createRequire } from "node:module";
import { constants, setPriority } from "node:os";
import type { Writable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { createAnswerRing } from "./answers.ts";
import type { Dataplane } from "./dataplane.ts";
import { Drain, type DrainReports } from "./drain.ts";
import { runCodes } from "./errors.ts";
import { errorMessage, errorStack, FaultReporter } from "./faults.ts";
import type { ControlMessage, WorkerMessage, WorkerSetup } from "./messages.ts";
import type { NfModule, NfRuntime } from "./nf-module.ts";
import { MemoryBytes, ringViews } from "./ring.ts";
import { Turns } from "./turns.ts";
import { WorkerOutput } from "./worker-output.ts";

/** How long a handler's `end` may take, and after it what it left running. */
const END_LIMIT_MS = 5_000;
const LEFTOVER_LIMIT_MS = 2_000;
/** These alone do not keep a worker: a timer without end would keep it for ever. */
const PASSIVE_RESOURCES: ReadonlySet<string> = new Set(["Timeout", "Immediate", "MessagePort"]);

/**
 * A publication is an object that lives for a call: V8 makes none where it compiles the
 * call into its caller, and its own bounds are too tight for a loop with all that it calls.
 */
setFlagsFromString("--max-inlined-bytecode-size=2000");
setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000");

const send = (message: WorkerMessage): void => parentPort?.postMessage(message);

/** Refuses with what the author has to know. */
class Refusal extends Error {
  readonly reason: Extract<WorkerMessage, { kind: "refused" }>;

  constructor(reason: Omit<Extract<WorkerMessage, { kind: "refused" }>, "kind">) {
    super(reason.message);
    this.reason = { kind: "refused", ...reason };
  }
}

function takeOutput(setup: WorkerSetup): WorkerOutput {
  const out = new WorkerOutput({
    fd: setup.printTo,
    clearLine: setup.clearLine,
    flushAt: 64 * 1024,
    closed: () => send({ kind: "output-closed" }),
    failed: (reason) => send({ kind: "output-failed", reason }),
  });
  const err = new WorkerOutput({
    fd: 2,
    clearLine: setup.clearLine,
    flushAt: 1,
    closed: () => {},
    failed: () => {},
  });
  replaceStream("stdout", out.stream());
  replaceStream("stderr", err.stream());
  process.on("exit", () => out.unbuffer());
  return out;
}

/**
 * Node's main thread may ask the stream that it had made for more, by a symbol of its
 * own, also when that is not there any more: it is still answered by the old one.
 */
function replaceStream(name: "stdout" | "stderr", by: Writable): void {
  const made = process[name];
  for (const symbol of Object.getOwnPropertySymbols(Object.getPrototypeOf(made))) {
    const method: unknown = Reflect.get(made, symbol);
    if (typeof method === "function") Object.defineProperty(by, symbol, { value: method.bind(made) });
  }
  Object.defineProperty(process, name, { value: by, configurable: true });
}

/** Below V8's compiler threads: a spinning worker would starve them, and stay slow. */
function lowerPriority(): void {
  try {
    setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Only ever raised back by root: at worst it competes.
  }
}

/** `place NF on CORE`. */
function takePlace(setup: WorkerSetup, dataplane: Dataplane): void {
  if (setup.core === undefined || dataplane.placeThread(setup.core)) return;
  throw new Refusal({
    code: runCodes.noSuchCore,
    message: `\`${setup.nf}\` is placed on core ${setup.core}, which this program may not use here`,
    detail: "",
  });
}

async function loadModule(setup: WorkerSetup): Promise<NfModule> {
  const loaded = await importModule(setup);
  if (!isNfModule(loaded)) {
    throw new Refusal({
      code: runCodes.handlerNotLoaded,
      message: `the handler of \`${setup.nf}\` does not export what \`${setup.nf}({ … })\` of its stub returns as its default`,
      detail: "",
    });
  }
  if (loaded.layout !== setup.layout) {
    throw new Refusal({
      code: runCodes.handlerMismatch,
      message: `the handler of \`${setup.nf}\` was generated for another declaration than the program runs`,
      detail: "",
    });
  }
  return loaded;
}

async function importModule(setup: WorkerSetup): Promise<unknown> {
  try {
    const namespace: unknown = await import(setup.module);
    return isRecord(namespace) ? namespace.default : undefined;
  } catch (error) {
    throw new Refusal({
      code: runCodes.handlerNotLoaded,
      message: `the handler of \`${setup.nf}\` cannot be loaded: ${errorMessage(error)}`,
      detail: errorStack(error).join("\n"),
    });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isNfModule(value: unknown): value is NfModule {
  return isRecord(value) && typeof value.layout === "string" && typeof value.create === "function";
}

async function run(setup: WorkerSetup, out: WorkerOutput): Promise<void> {
  const nfModule = await loadModule(setup);
  const dataplane: Dataplane = createRequire(import.meta.url)(setup.addon);
  const { chain, outlet } = setup;
  takePlace(setup, dataplane);
  const memory = dataplane.attach(chain, outlet);
  const events = ringViews(memory.events);
  const answers = ringViews(memory.answers);
  const status = new Int32Array(setup.status);
  const faults = new FaultReporter(setup.subscriptions, send);
  const answerRing = createAnswerRing(answers, {
    wake: () => dataplane.wake(chain, outlet),
    waitForRoom: () => dataplane.waitForRoom(chain, outlet),
  });
  let told = false;
  let attached = true;
  const reports: DrainReports = {
    threw: (error, base, kind) => faults.threw(error, events, base, kind),
    lost: (count) => {
      if (!told) send({ kind: "lost", count });
      told = true;
    },
  };
  const drain = new Drain({ events, answers, answerRing, status, reports }, (shared) =>
    createRuntime(nfModule, setup, {
      events,
      answers,
      packets: new MemoryBytes(memory.packets),
      flows: setup.flows,
      reserve: answerRing.reserve,
      ...shared,
    }),
  );
  const turns = new Turns({
    drain,
    status,
    spin: setup.spin,
    wait: (timeoutMs) => dataplane.waitForEvents(chain, outlet, timeoutMs),
    clock: () => dataplane.clock(),
    afterTurn: () => out.flush(),
  });
  // A handler called process.exit: what it had handled until then is no loss.
  process.on("exit", () => {
    if (attached) drain.leave();
  });
  process.on("uncaughtException", (error) => faults.threwLater(error));
  process.on("unhandledRejection", (reason) => faults.rejected(reason));
  setInterval(() => faults.tellCount(), 1_000).unref();
  parentPort?.on("message", (message: ControlMessage) => {
    if (message.kind !== "finish") return;
    turns.stop();
    void finish(drain.runtime, faults, out, () => {
      attached = false;
      drain.publish();
      dataplane.detach(chain, outlet);
    });
  });
  lowerPriority();
  send({ kind: "ready" });
  turns.start();
}

function createRuntime(
  nfModule: NfModule,
  setup: WorkerSetup,
  host: Parameters<NfModule["create"]>[0],
): NfRuntime {
  try {
    return nfModule.create(host);
  } catch (error) {
    throw new Refusal({
      code: runCodes.handlerNotLoaded,
      message: `the handler of \`${setup.nf}\` failed when it was created: ${errorMessage(error)}`,
      detail: errorStack(error).join("\n"),
    });
  }
}

async function finish(
  runtime: NfRuntime,
  faults: FaultReporter,
  out: WorkerOutput,
  release: () => void,
): Promise<void> {
  try {
    await Promise.race([runtime.end?.(), afterMs(END_LIMIT_MS)]);
  } catch (error) {
    faults.threwLater(error);
  }
  release();
  await leftovers();
  out.flush();
  faults.tellCount();
  send({ kind: "done", faults: faults.count });
  process.exit(0);
}

/** Lets what handlers began come to its end: a file that is being written. */
async function leftovers(): Promise<void> {
  const end = performance.now() + LEFTOVER_LIMIT_MS;
  await afterMs(0);
  while (performance.now() < end) {
    const active = process.getActiveResourcesInfo().filter((name) => !PASSIVE_RESOURCES.has(name));
    if (active.length === 0) return;
    await afterMs(5);
  }
}

function afterMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function start(setup: WorkerSetup): Promise<void> {
  // Stacks name the lines of the handler's source, not of its bundle.
  process.setSourceMapsEnabled(true);
  const out = takeOutput(setup);
  try {
    await run(setup, out);
  } catch (error) {
    send(
      error instanceof Refusal
        ? error.reason
        : {
            kind: "refused",
            code: runCodes.workerDied,
            message: `the worker of \`${setup.nf}\` cannot start: ${errorMessage(error)}`,
            detail: error instanceof Error ? (error.stack ?? "") : "",
          },
    );
    process.exit(1);
  }
}

const setup: WorkerSetup = workerData;
await start(setup);
