/** `///` comments, and what they document. */
import type { IToken } from "chevrotain";
import type { SyntaxProblem } from "../../grammar/problem.ts";
import * as t from "../../grammar/tokens.ts";

export interface Documentation {
  /** The text before the token at an offset, without the slashes. */
  readonly docAt: (offset: number) => string;
  readonly problems: readonly SyntaxProblem[];
}

const documented: ReadonlySet<unknown> = new Set([...t.declarationWords.values(), t.FieldName]);

/** Gives each comment to the declaration or field that follows it. */
export function documentation(
  text: string,
  tokens: readonly IToken[],
  docs: readonly IToken[],
): Documentation {
  const lines = new Map<number, string[]>();
  const problems: SyntaxProblem[] = [];
  let next = 0;
  for (const doc of docs) {
    while (next < tokens.length && (tokens[next]?.startOffset ?? 0) < doc.startOffset) next += 1;
    const target = tokens[next];
    const sameLine = onLineOf(tokens[next - 1], doc);
    if (target === undefined || sameLine || !documented.has(target.tokenType)) {
      problems.push(uselessComment(text, doc, sameLine));
      continue;
    }
    const line = doc.image.slice(3).replace(/^ /, "").trimEnd();
    const known = lines.get(target.startOffset);
    if (known === undefined) lines.set(target.startOffset, [line]);
    else known.push(line);
  }
  return { docAt: (offset) => (lines.get(offset) ?? []).join("\n"), problems };
}

function onLineOf(before: IToken | undefined, doc: IToken): boolean {
  return before !== undefined && before.image !== "" && before.endLine === doc.startLine;
}

function uselessComment(text: string, doc: IToken, sameLine: boolean): SyntaxProblem {
  const start = doc.startOffset;
  return {
    code: "MBX1014",
    start,
    end: t.endOf(doc),
    params: {},
    help: sameLine
      ? { message: "move it to the line before what it documents, or write `//`" }
      : {
          message: "write a remark with `//`",
          fix: { start, end: start + 3, text: text.slice(start, start + 2) },
        },
  };
}
