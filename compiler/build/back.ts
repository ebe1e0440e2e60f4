/** From a plan to a program: emit, write, compile, bundle. */
import path from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { createDiagnostic } from "../diagnostics/report.ts";
import { emitProgram } from "../emit/emit.ts";
import type { EmittedFile } from "../emit/files.ts";
import type { ProgramPlan } from "../plan/plan.ts";
import { bundleProgram } from "./bundle.ts";
import { compileAlone } from "./c-alone.ts";
import { type CBuildContext, cDiagnostics } from "./c-diagnostics.ts";
import { buildAddon } from "./cmake.ts";
import { hasErrors } from "./errors.ts";
import { cHandlersOf, tsHandlersOf } from "./handlers.ts";
import { buildLibrary, type Toolchain } from "./library.ts";
import { missingLibraries } from "./linked.ts";
import { manifestOf } from "./manifest.ts";
import { inFolder, places } from "./places.ts";
import { withRemembered } from "./remembered-output.ts";
import type { Sources } from "./sources.ts";
import { stopSignal } from "./stop.ts";
import type { SubscriptionSpans } from "./subscribed.ts";
import { isRemembered } from "./types-checked.ts";
import { type Written, writeChanged, writeEmitted } from "./writer.ts";

export type StepName = "check" | "generate" | "compile the dataplane (once)" | "compile" | "bundle";

export interface Job {
  readonly tools: Toolchain;
  /** Called as each step begins. */
  readonly onStep: (step: StepName) => void;
  /** What the tools printed, as it comes; for `--verbose`. */
  readonly onLog: (text: string) => void;
  readonly sources: Sources;
  readonly folder: string;
  readonly plan: ProgramPlan;
  readonly spans: SubscriptionSpans;
}

export interface Built {
  readonly written: Written;
  readonly found: readonly Diagnostic[];
  readonly changed: boolean;
}

export async function buildPlan(job: Job): Promise<Built> {
  const { folder, plan } = job;
  job.onStep("generate");
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

  job.onStep("bundle");
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
  const { folder, plan } = job;
  const context: CBuildContext = {
    handlers: cHandlersOf(plan, files),
    spans: job.spans,
    workFolder: path.join(folder, inFolder.cmake),
    buildFolder: folder,
    ownFolders: [places.dataplane, places.addon, places.nodeApiHeaders],
    text: job.sources.text,
    shown: job.sources.shown,
  };
  const missing = await missingLibraries(context.handlers, job.spans);
  if (missing.length > 0) return { diagnostics: missing, changed: true };
  const library = await buildLibrary(job.tools, folder, () => job.onStep("compile the dataplane (once)"));
  if (library.kind === "failed") {
    writeLog(folder, library.log);
    job.onLog(library.log);
    return { diagnostics: [libraryFault(library.log)], changed: true };
  }
  job.onStep("compile");
  const built = await buildAddon({
    folder,
    library: library.folder,
    tools: job.tools,
    name: plan.name,
    source: plan.source,
    chains: units.filter((unit) => isChain(unit, plan)),
    functions: units.filter((unit) => !isChain(unit, plan)),
    handlers: context.handlers.map((handler) => ({
      unit: `gen/nf_${handler.nf}.c`,
      folder: path.relative(folder, path.dirname(handler.file)),
      links: handler.links,
    })),
    onStarted: onCompiling,
  });
  writeLog(folder, built.output);
  job.onLog(built.output);
  const output = withRemembered(path.join(folder, "compiler-output.json"), built.output, units);
  const diagnostics = await ownUp(cDiagnostics(output, !built.ok, context), job, files, context);
  return { diagnostics, changed: !/^ninja: no work to do/m.test(built.output) };
}

function isChain(unit: string, plan: ProgramPlan): boolean {
  return plan.chains.some((chain) => unit === `gen/${chain.name}.c`);
}

/**
 * An error in generated code may come of a handler that includes it all, as
 * after a brace that is never closed: ours is what a handler alone has not.
 */
async function ownUp(
  found: readonly Diagnostic[],
  job: Job,
  files: readonly EmittedFile[],
  context: CBuildContext,
): Promise<readonly Diagnostic[]> {
  if (!found.some((one) => one.code === "MBX9002")) return found;
  const { handlers } = context;
  const alone = await compileAlone({ tools: job.tools, handlers, files, buildFolder: job.folder });
  if (alone.ok) return found;
  const { workFolder } = alone;
  const theirs = cDiagnostics(alone.output, true, { ...context, workFolder, buildFolder: workFolder });
  return theirs.some((one) => one.code === "MBX9002") ? found : theirs;
}

/** The compiler of TypeScript is loaded only where a program has handlers in it: it is large. */
async function checkTypes(job: Job): Promise<readonly Diagnostic[]> {
  const handlers = tsHandlersOf(job.plan);
  if (handlers.length === 0 || stopSignal().aborted) return [];
  const cache = path.join(job.folder, "types-checked.json");
  if (isRemembered(cache, handlers)) return [];
  const { checkHandlers } = await import("./typescript.ts");
  return checkHandlers({
    handlers,
    spans: job.spans,
    cache,
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

function writeLog(folder: string, text: string): void {
  writeChanged(path.join(folder, inFolder.log), text);
}
