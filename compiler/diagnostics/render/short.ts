/** One line a diagnostic, as editors and `grep` like it. */
import type { Diagnostic } from "../diagnostic.ts";
import type { SourceLookup } from "./sources.ts";

/** `ids.mbx:45:13: error[MBX3001]: message`. */
export function renderShort(diagnostics: readonly Diagnostic[], sources: SourceLookup): string {
  return diagnostics.map((diagnostic) => `${line(diagnostic, sources)}\n`).join("");
}

function line({ code, severity, message, primary }: Diagnostic, sources: SourceLookup): string {
  const { file, start } = primary.span;
  const position = sources(file)?.positionAt(start);
  const place = position === undefined ? file : `${file}:${position.line}:${position.column}`;
  return `${place === "" ? "" : `${place}: `}${severity}[${code}]: ${message.replace(/\s*\n\s*/g, " ")}`;
}
