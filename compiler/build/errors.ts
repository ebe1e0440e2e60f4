/** Whether there is anything that stops a build. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
