/** `mbx build`, whole: check, plan, emit, write, compile, bundle. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { createDiagnostic, inOrder } from "../diagnostics/report.ts";
import { emitProgram } from "../emit/emit.ts";
import type { EmittedFile } from "../emit/files.ts";
import { type ProgramPlan, planProgram } from "../plan/plan.ts";
import { parseFile } from "../syntax/parse.ts";
import { bundleProgram } from "./bundle.ts";
import { type CBuildContext, cDiagnostics, unknownCallbacks } from "./c-diagnostics.ts";
import { buildAddon } from "./cmake.ts";
import { hasErrors, readProgram } from "./front.ts";
import { cHandlersOf, tsHandlersOf } from "./handlers.ts";
import { buildLibrary, type Toolchain } from "./library.ts";
import { withBuildLock } from "./lock.ts";
import { manifestOf } from "./manifest.ts";
import { defaultFolder, inFolder, places } from "./places.ts";
import { parseSettings } from "./settings.ts";
import { createSources, type Sources } from "./sources.ts";
import { type SubscriptionSpans, subscriptionSpans } from "./subscribed.ts";
import { cannotWrite, type Written, writeChanged, writeEmitted } from "./writer.ts";

export type StepName = "check" | "generate" | "compile the dataplane (once)" | "compile" | "bundle";

export interface BuildRequest {
  readonly file: string;
  readonly cwd: string;
  /** Absent: `.mbx/NAME` beside the file. */
  readonly folder?: string;
  /** `STACK.OPTION=VALUE`. */
  readonly settings: readonly string[];
  readonly tools: Toolchain;
  /** Called as each step begins. */
  readonly onStep: (step: StepName) => void;
  /** What the tools printed, as it comes; for `--verbose`. */
  readonly onLog: (text: string) => void;
  /** Called with the plan before anything is written; throws to stop. */
  readonly onPlan?: (plan: ProgramPlan) => void;
}

export interface BuildResult {
  readonly ok: boolean;
  /** Of all steps. */
  readonly diagnostics: readonly Diagnostic[];
  readonly text: (file: string) => string | undefined;
  readonly folder: string;
  readonly plan?: ProgramPlan;
  readonly written?: Written;
  /** False when everything was there already. */
  readonly changed: boolean;
}

export async function buildProgram(request: BuildRequest): Promise<BuildResult> {
  const sources = createSources(request.cwd);
  const settings = parseSettings(request.settings);
  const file = path.resolve(request.cwd, request.file);
  const folder =
    request.folder === undefined
      ? defaultFolder(file, request.settings)
      : path.resolve(request.cwd, request.folder);
  request.onStep("check");
  const front = readProgram(request.file, "build", settings, sources);
  const { diagnostics } = front;
  if (front.ir === undefined) return { ok: false, diagnostics, text: front.text, folder, changed: false };
  const plan = planProgram(front.ir);
  request.onPlan?.(plan);
  return withBuildLock(folder, async () => {
    const job: Job = { request, sources, folder, plan, spans: spansOf(request.file, sources) };
    const { written, found, changed } = await buildPlan(job);
    const all = inOrder([...diagnostics, ...found]);
    return { ok: !hasErrors(all), diagnostics: all, text: front.text, folder, plan, written, changed };
  });
}

interface Job {
  readonly request: BuildRequest;
  readonly sources: Sources;
  readonly folder: string;
  readonly plan: ProgramPlan;
  readonly spans: SubscriptionSpans;
}

interface Built {
  readonly written: Written;
  readonly found: readonly Diagnostic[];
  readonly changed: boolean;
}

async function buildPlan(job: Job): Promise<Built> {
  const { request, folder, plan } = job;
  request.onStep("generate");
  makeFolder(folder);
  const files = emitProgram(plan, { buildFolder: folder });
  const written = writeEmitted(files, folder);
  const units = files
    .filter((file) => file.kind === "build" && file.path.endsWith(".c"))
    .map((file) => file.path);

  const compiling = signal();
  const [compiled, typed] = await Promise.all([
    compileC(job, files, units, compiling.raise).finally(compiling.raise),
    // Types are checked on this thread: the C compiler has to be under way by then.
    compiling.raised.then(() => checkTypes(job)),
  ]);
  const found = [...compiled.diagnostics, ...typed];
  if (hasErrors(found)) return { written, found, changed: true };

  request.onStep("bundle");
  const entries = files.filter((file) => file.path.endsWith(".entry.ts")).map((file) => file.path);
  const bundled = await bundleProgram({
    folder,
    entries,
    text: job.sources.text,
    shown: job.sources.shown,
  });
  const manifest = manifestOf(plan);
  writeChanged(path.join(folder, inFolder.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
  return { written, found: [...found, ...bundled.diagnostics], changed: compiled.changed || bundled.changed };
}

async function compileC(
  job: Job,
  files: readonly EmittedFile[],
  units: readonly string[],
  onCompiling: () => void,
): Promise<{ readonly diagnostics: readonly Diagnostic[]; readonly changed: boolean }> {
  const { request, folder, plan } = job;
  const context: CBuildContext = {
    handlers: cHandlersOf(plan, files),
    spans: job.spans,
    workFolder: path.join(folder, inFolder.cmake),
    buildFolder: folder,
    ownFolders: [places.dataplane, places.addon, places.nodeApiHeaders],
    text: job.sources.text,
    shown: job.sources.shown,
  };
  const unknown = unknownCallbacks(context);
  const library = await buildLibrary(request.tools, () => request.onStep("compile the dataplane (once)"));
  if (library.kind === "failed") {
    writeLog(folder, library.log);
    request.onLog(library.log);
    return { diagnostics: [...unknown, libraryFault(library.log)], changed: true };
  }
  request.onStep("compile");
  const built = await buildAddon({
    folder,
    library: library.folder,
    tools: request.tools,
    name: plan.name,
    source: plan.source,
    units,
    onStarted: onCompiling,
  });
  writeLog(folder, built.output);
  request.onLog(built.output);
  const diagnostics = [...unknown, ...cDiagnostics(built.output, !built.ok, context)];
  return { diagnostics, changed: !/^ninja: no work to do/m.test(built.output) };
}

/** The compiler of TypeScript is loaded only where a program has handlers in it: it is large. */
async function checkTypes(job: Job): Promise<readonly Diagnostic[]> {
  const handlers = tsHandlersOf(job.plan);
  if (handlers.length === 0) return [];
  const { checkHandlers } = await import("./typescript.ts");
  return checkHandlers({
    handlers,
    spans: job.spans,
    cache: path.join(job.folder, "types-checked.json"),
    shown: job.sources.shown,
  });
}

function signal(): { readonly raised: Promise<void>; readonly raise: () => void } {
  let raise = () => {};
  const raised = new Promise<void>((resolve) => {
    raise = resolve;
  });
  return { raised, raise };
}

function libraryFault(log: string): Diagnostic {
  const reason =
    log
      .split("\n")
      .find((line) => /error/i.test(line))
      ?.trim() ?? "see build.log";
  return createDiagnostic("MBX9002", { file: "", start: 0, end: 0 }, { unit: "dataplane", reason });
}

function spansOf(root: string, sources: Sources): SubscriptionSpans {
  return subscriptionSpans(root, (file) => {
    const text = sources.text(file);
    return text === undefined ? undefined : parseFile(file, text).file;
  });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

function writeLog(folder: string, text: string): void {
  writeFileSync(path.join(folder, inFolder.log), text);
}
