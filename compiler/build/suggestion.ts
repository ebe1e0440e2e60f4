/** "Did you mean …?" of another compiler, taken out of its sentence and made a repair. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Span } from "../syntax/ast.ts";

const SUGGESTION = /[;.,]? *(?:did you mean|Did you mean(?: to write)?) `([^`]+)`\?$/;

export interface Suggestion {
  /** The sentence without its question. */
  readonly text: string;
  readonly help?: NonNullable<Diagnostic["help"]>;
}

/** `underlined` is the text of `span`; a member access is repaired behind its arrow. */
export function takeSuggestion(text: string, span: Span, underlined: string): Suggestion {
  const found = SUGGESTION.exec(text);
  const name = found?.[1];
  if (found === null || name === undefined) return { text };
  const help = { message: `\`${name}\` has a similar name` };
  const access = /^(?:->|\.)\s*/.exec(underlined)?.[0].length ?? 0;
  const fixable = /^\w+$/.test(name) && /^\w+$/.test(underlined.slice(access));
  const fix = { span: { ...span, start: span.start + access }, text: name };
  return { text: text.slice(0, found.index), help: fixable ? { ...help, fix } : help };
}
