/** Text to a concrete tree: tokens, roles, grammar, and what is wrong, once each. */
import type { CstNode, IToken, TokenType } from "chevrotain";
import { lex } from "./lexer.ts";
import { parseTokens, type Stumble } from "./parser.ts";
import type { SyntaxProblem } from "./problem.ts";
import type { Nearest } from "./reader.ts";
import { assignRoles } from "./roles.ts";
import { problemOf } from "./stumble.ts";

export interface Reading {
  readonly cst: CstNode;
  readonly tokens: readonly IToken[];
  /** The `///` comments, in order. */
  readonly docs: readonly IToken[];
  readonly problems: readonly SyntaxProblem[];
  /** Whether something was found wrong between two offsets. */
  readonly isBroken: (start: number, end: number) => boolean;
}

export function readText(text: string, nearest: Nearest): Reading {
  const lexed = lex(text);
  const roles = assignRoles(lexed.tokens, nearest);
  const parsed = parseTokens(roles.tokens);
  const problems: SyntaxProblem[] = [...lexed.problems, ...roles.problems];
  const said = new Set<number>();
  for (const problem of problems) {
    said.add(segmentAt(roles.segments, problem.start));
    // Where a bracket was closed for its author, the parser need not say so too.
    const closed = problem.code === "MBX1006" ? problem.help?.fix?.start : undefined;
    if (closed !== undefined) said.add(segmentAt(roles.segments, Math.max(0, closed - 1)));
  }
  const memberOf = parsed.stumbles.length === 0 ? () => undefined : memberFinder(roles.tokens);
  for (const stumble of parsed.stumbles) {
    const segment = segmentOf(roles.segments, stumble, text);
    if (said.has(segment)) continue;
    said.add(segment);
    problems.push(problemOf(stumble, memberOf(roles.segments[segment] ?? 0), nearest));
  }
  return {
    cst: parsed.cst,
    tokens: roles.tokens,
    docs: lexed.docs,
    problems,
    isBroken: brokenFinder(problems),
  };
}

/** The number of the member or declaration that an offset lies in. */
function segmentAt(segments: readonly number[], offset: number): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((segments[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A stumble over what begins the next member belongs to the one before it. */
function segmentOf(segments: readonly number[], { token, previous }: Stumble, text: string): number {
  const start = Number.isNaN(token.startOffset) ? text.length : token.startOffset;
  const segment = segmentAt(segments, start);
  if (previous === undefined || Number.isNaN(previous.startOffset)) return segment;
  const later = token.image === "" || (token.startLine ?? 0) > (previous.endLine ?? 0);
  return later || segments[segment] === start ? segmentAt(segments, previous.startOffset) : segment;
}

function memberFinder(tokens: readonly IToken[]): (start: number) => TokenType | undefined {
  const byStart = new Map(
    tokens.filter((token) => token.image !== "").map((token) => [token.startOffset, token]),
  );
  return (start) => byStart.get(start)?.tokenType;
}

function brokenFinder(problems: readonly SyntaxProblem[]): (start: number, end: number) => boolean {
  const starts = problems
    .filter((problem) => problem.code !== "MBX1014")
    .map((problem) => problem.start)
    .sort((a, b) => a - b);
  return (start, end) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    const first = starts[low];
    return first !== undefined && first <= end;
  };
}
