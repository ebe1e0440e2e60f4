/** What a diagnostic is, before anything renders it. */
import type { Span } from "../syntax/ast.ts";

export type Severity = "error" | "warning";

/** A stretch of source with a short text beside its underline. */
export interface Label {
  readonly span: Span;
  readonly text: string;
}

/** A change that repairs the cause: `span` replaced by `text`. */
export interface Fix {
  readonly span: Span;
  readonly text: string;
}

export interface Diagnostic {
  /** `MBX3001`. Stable for ever. */
  readonly code: string;
  readonly severity: Severity;
  /** Stands alone, without a full stop, names in backticks. */
  readonly message: string;
  readonly primary: Label;
  readonly secondary: readonly Label[];
  /** Context; never a suggestion. */
  readonly notes: readonly string[];
  /** The only place for a suggestion; it names what exists. */
  readonly help?: { readonly message: string; readonly fix?: Fix };
}
