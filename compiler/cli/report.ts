/** Prints diagnostics: for people on stderr, as data on stdout. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { renderJson } from "../diagnostics/render/json.ts";
import { renderPretty } from "../diagnostics/render/pretty.ts";
import { renderSarif } from "../diagnostics/render/sarif.ts";
import { renderShort } from "../diagnostics/render/short.ts";
import type { Io } from "./output.ts";

export const FORMATS = ["pretty", "short", "json", "sarif"] as const;
export type Format = (typeof FORMATS)[number];

export function formatOf(given: string | undefined): Format {
  return FORMATS.find((format) => format === given) ?? "pretty";
}

export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  format: Format,
  text: (file: string) => string | undefined,
  io: Io,
): void {
  switch (format) {
    case "pretty":
      io.err.write(renderPretty(diagnostics, text, io.err.colour));
      return;
    case "short":
      io.err.write(renderShort(diagnostics, text));
      return;
    case "json":
      io.out.write(renderJson(diagnostics, text));
      return;
    case "sarif":
      io.out.write(renderSarif(diagnostics, text));
      return;
  }
}
