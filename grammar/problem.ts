/**
 * What can be wrong with a text before its meaning is looked at: one entry a
 * code, with what its message is made of. The diagnostics registry has a
 * sentence for each, and the type checker sees that neither side has more.
 */
export interface SyntaxParams {
  /** A character that begins no token. */
  readonly MBX1001: { readonly character: string };
  /** A text without its closing quote. */
  readonly MBX1002: { readonly quote: string };
  /** A number that is not written as one. */
  readonly MBX1003: { readonly text: string; readonly reason: string };
  /** An address or a prefix that does not exist. */
  readonly MBX1004: { readonly text: string; readonly reason: string };
  /** Something else was due here. */
  readonly MBX1005: { readonly expected: string; readonly found: string };
  /** A bracket that is never closed. */
  readonly MBX1006: { readonly opener: string; readonly closer: string; readonly owner: string };
  /** Too many brackets or `not`s in one another. */
  readonly MBX1007: { readonly limit: number };
  /** A word that begins no declaration. */
  readonly MBX1008: { readonly word: string };
  /** A word that begins no member of the body that it stands in. */
  readonly MBX1009: { readonly word: string; readonly owner: string };
  /** A set without members. */
  readonly MBX1010: { readonly what: string };
  /** `const X 5`, `stack web monitor`. */
  readonly MBX1011: { readonly after: string; readonly found: string };
  /** An operator of another language. */
  readonly MBX1012: { readonly operator: string; readonly instead: string };
  /** An escape that texts do not have. */
  readonly MBX1013: { readonly sequence: string };
  /** A `///` comment with no declaration after it. */
  readonly MBX1014: Record<never, never>;
  /** A closing bracket that nothing opened. */
  readonly MBX1015: { readonly closer: string };
  /** A number with a unit that does not exist. */
  readonly MBX1016: { readonly text: string; readonly unit: string };
  /** A comment of another language. */
  readonly MBX1017: { readonly opener: string };
  /** A number beyond 64 bits. */
  readonly MBX1018: { readonly text: string };
  /** A clause of a subscription out of its order. */
  readonly MBX1019: { readonly clause: string; readonly before: string };
}

export type SyntaxCode = keyof SyntaxParams;

/** A change that would repair the text: `start` to `end` replaced by `text`. */
export interface SyntaxFix {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface ProblemOf<C extends SyntaxCode> {
  readonly code: C;
  readonly start: number;
  readonly end: number;
  readonly params: SyntaxParams[C];
  readonly help?: { readonly message: string; readonly fix?: SyntaxFix };
  readonly secondary?: readonly { readonly start: number; readonly end: number; readonly text: string }[];
}

/** A mistake in the text of one file; offsets are UTF-16 code units, `end` exclusive. */
export type SyntaxProblem<C extends SyntaxCode = SyntaxCode> = { [K in C]: ProblemOf<K> }[C];
