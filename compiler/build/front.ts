/** From a file to a plan: what every command that works on a program begins with. */
import { normalize } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ProgramIr } from "../ir/ir.ts";
import { createProgram, type Purpose } from "../program.ts";
import { hasErrors } from "./errors.ts";
import { applySettings, type Setting } from "./settings.ts";
import type { Sources } from "./sources.ts";

export interface Front {
  /** Errors and warnings. */
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when there are errors. */
  readonly ir?: ProgramIr;
  readonly text: (file: string) => string | undefined;
}

export function readProgram(
  file: string,
  purpose: Purpose,
  settings: readonly Setting[],
  sources: Sources,
): Front {
  const root = normalize(file);
  const program = createProgram(sources, [root]);
  const diagnostics = program.check(purpose);
  const ir = hasErrors(diagnostics) ? undefined : program.ir(root);
  if (ir === undefined) return { diagnostics, text: sources.text };
  const applied = applySettings(ir, settings, sources);
  const text = (name: string) => applied.texts.get(name) ?? sources.text(name);
  const all = [...diagnostics, ...applied.diagnostics];
  return hasErrors(all) ? { diagnostics: all, text } : { diagnostics: all, ir: applied.ir, text };
}
