/**
 * Checks the handlers of a program that is not built: against what would be
 * generated for them now. Nothing is written but into a folder that goes away.
 */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { emitProgram } from "../emit/emit.ts";
import type { ProgramIr } from "../ir/ir.ts";
import { planProgram } from "../plan/plan.ts";
import { compileAlone } from "./c-alone.ts";
import { type CHandler, cDiagnostics } from "./c-diagnostics.ts";
import { Fault } from "./fault.ts";
import { cHandlersOf, tsHandlersOf } from "./handlers.ts";
import type { Toolchain } from "./library.ts";
import { missingLibraries } from "./linked.ts";
import { defaultFolder, places } from "./places.ts";
import type { Sources } from "./sources.ts";
import { spansOf } from "./subscribed.ts";

export interface HandlerCheck {
  /** Of the program, as the command line names it. */
  readonly file: string;
  readonly ir: ProgramIr;
  readonly sources: Sources;
  readonly tools: Toolchain;
}

export interface HandlersChecked {
  readonly diagnostics: readonly Diagnostic[];
  /** A tool that was not there, and what is not checked for that. */
  readonly missing?: Fault;
}

export async function checkProgramHandlers(check: HandlerCheck): Promise<HandlersChecked> {
  const { sources } = check;
  const plan = planProgram(check.ir);
  const buildFolder = defaultFolder(check.file, []);
  const files = emitProgram(plan, { buildFolder });
  const exists = (handler: { readonly file: string }) => sources.fileExists(handler.file);
  const spans = spansOf(check.file, sources);

  const ts = tsHandlersOf(plan).filter(exists);
  const generated = new Map(
    files.filter((file) => file.path.endsWith(".gen.ts")).map((file) => [file.path, file.text]),
  );
  const typed =
    ts.length === 0
      ? []
      : (await import("./typescript.ts")).checkHandlers({
          handlers: ts,
          spans,
          generated,
          shown: sources.shown,
        });

  const c = cHandlersOf(plan, files).filter(exists);
  if (c.length === 0) return { diagnostics: typed };
  try {
    return { diagnostics: [...typed, ...(await checkC(c))] };
  } catch (error) {
    if (!(error instanceof Fault && error.code === "MBX8023")) throw error;
    return { diagnostics: typed, missing: error };
  }

  async function checkC(handlers: readonly CHandler[]): Promise<readonly Diagnostic[]> {
    const missing = await missingLibraries(handlers, spans);
    if (missing.length > 0) return missing;
    const alone = await compileAlone({ tools: check.tools, handlers, files, buildFolder });
    return cDiagnostics(alone.output, !alone.ok, {
      handlers,
      spans,
      workFolder: alone.workFolder,
      buildFolder: alone.workFolder,
      ownFolders: [places.dataplane, places.addon, places.nodeApiHeaders],
      text: sources.text,
      shown: sources.shown,
    });
  }
}
