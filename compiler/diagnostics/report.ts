/**
 * Where diagnostics are collected. A rule is given a `Report` and calls it with
 * a code and that code's parameters; nothing is printed here.
 */
import type { Span } from "../syntax/ast.ts";
import type { Diagnostic, Fix, Label } from "./diagnostic.ts";
import { type Code, type CodeParams, definitionOf } from "./registry.ts";

/** What a report may add to the sentence of its code. */
export interface ReportDetails {
  /** Beside the primary underline, instead of the code's own label. */
  readonly label?: string;
  readonly secondary?: readonly Label[];
  readonly notes?: readonly string[];
  readonly help?: { readonly message: string; readonly fix?: Fix };
}

export type Report = <C extends Code>(
  code: C,
  span: Span,
  params: CodeParams[C],
  details?: ReportDetails,
) => void;

export interface Reporter {
  readonly report: Report;
  /** Adds diagnostics that another stage made. */
  readonly add: (diagnostics: readonly Diagnostic[]) => void;
  /** Sorted by file and position; what was reported twice, exactly alike, comes once. */
  readonly diagnostics: () => readonly Diagnostic[];
}

export function createReporter(): Reporter {
  const collected: Diagnostic[] = [];
  return {
    report: (code, span, params, details) => {
      collected.push(createDiagnostic(code, span, params, details));
    },
    add: (diagnostics) => {
      for (const diagnostic of diagnostics) collected.push(diagnostic);
    },
    diagnostics: () => inOrder(collected),
  };
}

/** One diagnostic, for who has no reporter at hand. */
export function createDiagnostic<C extends Code>(
  code: C,
  span: Span,
  params: CodeParams[C],
  details: ReportDetails = {},
): Diagnostic {
  const definition = definitionOf(code);
  return {
    code,
    severity: definition.severity,
    message: definition.message(params),
    primary: { span, text: details.label ?? definition.label?.(params) ?? "" },
    secondary: details.secondary ?? [],
    notes: details.notes ?? [],
    ...(details.help === undefined ? {} : { help: details.help }),
  };
}

/** Sorted by file and position, then as reported; exact duplicates removed. */
export function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  const distinct = diagnostics.filter((diagnostic) => {
    const key = JSON.stringify(diagnostic);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return distinct.sort((a, b) => comparePlaces(a.primary.span, b.primary.span));
}

function comparePlaces(a: Span, b: Span): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.start - b.start || a.end - b.end;
}
