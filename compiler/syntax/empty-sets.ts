/** MBX1010: a set, an enum, has at least one member. */
import type { CstNode, IToken } from "chevrotain";
import type { SyntaxProblem } from "../../grammar/problem.ts";
import type { Reading } from "../../grammar/read.ts";
import { LeftBrace, RightBrace } from "../../grammar/tokens.ts";
import { extent, node, nodes, tokens } from "./cst.ts";

export function emptySets(reading: Reading): readonly SyntaxProblem[] {
  // In a file without mistakes a set is empty only as `{}`, and hardly a file has that.
  if (reading.problems.length === 0 && !reading.tokens.some(isEmptyBraces)) return [];
  const problems: SyntaxProblem[] = [];
  const pending: CstNode[] = [reading.cst];
  for (let tree = pending.pop(); tree !== undefined; tree = pending.pop()) {
    const problem = emptySet(tree, reading);
    if (problem !== undefined) problems.push(problem);
    for (const name of Object.keys(tree.children)) {
      for (const inner of nodes(tree, name)) pending.push(inner);
    }
  }
  return problems;
}

function isEmptyBraces(token: IToken, index: number, tokens: readonly IToken[]): boolean {
  return token.tokenType === LeftBrace && tokens[index + 1]?.tokenType === RightBrace;
}

function emptySet(tree: CstNode, reading: Reading): SyntaxProblem | undefined {
  const isSet = tree.name === "nameSet" || tree.name === "set";
  if (!isSet || tree.recoveredNode === true) return undefined;
  if (tokens(tree, "Name").length > 0 || node(tree, "operand") !== undefined) return undefined;
  const place = extent(tree);
  if (place === undefined || reading.isBroken(place.start, place.end)) return undefined;
  return { code: "MBX1010", ...place, params: { what: tree.name === "nameSet" ? "this enum" : "this set" } };
}
