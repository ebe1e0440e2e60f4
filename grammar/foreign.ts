/** Operators of other languages, and what stands for them here. */
import type { IToken, TokenType } from "chevrotain";
import type { SyntaxProblem } from "./problem.ts";
import * as t from "./tokens.ts";

const foreignOperators: ReadonlyMap<string, { readonly word: string; readonly type: TokenType }> = new Map([
  ["&&", { word: "and", type: t.And }],
  ["&", { word: "and", type: t.And }],
  ["||", { word: "or", type: t.Or }],
  ["!", { word: "not", type: t.Not }],
  ["===", { word: "==", type: t.Equal }],
  ["=~", { word: "==", type: t.Equal }],
  ["!==", { word: "!=", type: t.NotEqual }],
  ["<>", { word: "!=", type: t.NotEqual }],
  ["=>", { word: "->", type: t.Arrow }],
  [":=", { word: "=", type: t.Assign }],
]);

/** The operator that a sign stands for; arrows may have any length. */
export function operatorMeant(
  image: string,
): { readonly word: string; readonly type: TokenType } | undefined {
  const meant = foreignOperators.get(image);
  if (meant !== undefined) return meant;
  if (/^<-+>$/.test(image)) return { word: "<->", type: t.BothWays };
  return /^-+>$/.test(image) ? { word: "->", type: t.Arrow } : undefined;
}

/** Says what to write instead of an operator, with the change that does it. */
export function operatorProblem(token: IToken, instead: string): SyntaxProblem {
  const place = { start: token.startOffset, end: t.endOf(token) };
  return {
    code: "MBX1012",
    ...place,
    params: { operator: token.image, instead: `\`${instead}\`` },
    help: {
      message: `write \`${instead}\``,
      fix: { ...place, text: instead === "not" && token.image === "!" ? "not " : instead },
    },
  };
}
