/** Diagnostics as data: one JSON array, with lines and columns from 1. */
import type { Span } from "../../syntax/ast.ts";
import type { Diagnostic, Label } from "../diagnostic.ts";
import type { SourceLookup } from "./sources.ts";

export function renderJson(diagnostics: readonly Diagnostic[], sources: SourceLookup): string {
  return `${JSON.stringify(
    diagnostics.map((diagnostic) => jsonOf(diagnostic, sources)),
    null,
    2,
  )}\n`;
}

function jsonOf(
  { code, severity, message, primary, secondary, notes, help }: Diagnostic,
  sources: SourceLookup,
) {
  const label = ({ span, text }: Label) => ({ ...placeOf(span, sources), text });
  return {
    code,
    severity,
    message,
    primary: label(primary),
    secondary: secondary.map(label),
    notes,
    ...(help === undefined
      ? {}
      : {
          help: {
            message: help.message,
            ...(help.fix === undefined
              ? {}
              : { fix: { ...placeOf(help.fix.span, sources), text: help.fix.text } }),
          },
        }),
  };
}

function placeOf(span: Span, sources: SourceLookup) {
  const source = sources(span.file);
  return {
    file: span.file,
    ...(source === undefined
      ? {}
      : { start: source.positionAt(span.start), end: source.positionAt(span.end) }),
    offset: span.start,
    length: span.end - span.start,
  };
}
