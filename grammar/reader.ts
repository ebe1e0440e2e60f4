/** What is known while the tokens of a file are given their roles. */
import { createTokenInstance, type IToken, type TokenType } from "chevrotain";
import { createBrackets, NESTING_LIMIT } from "./brackets.ts";
import { retype } from "./lexer.ts";
import { describeFound } from "./messages.ts";
import type { SyntaxProblem } from "./problem.ts";
import * as t from "./tokens.ts";

/** Finds the name that was probably meant; the compiler lends its own. */
export type Nearest = (name: string, candidates: Iterable<string>) => string | undefined;

/** A word after one of these begins something new. */
const completes: ReadonlySet<TokenType> = new Set([
  t.Name,
  t.NumberToken,
  t.Text,
  t.Ipv4,
  t.Ipv6,
  t.Mac,
  t.RightBrace,
  t.RightParen,
  t.Drops,
  t.Redirects,
  t.Prepares,
]);

/** One pass over a file: where it is, what is open, what was found. */
export class Reader {
  readonly input: readonly IToken[];
  readonly nearest: Nearest;
  readonly tokens: IToken[] = [];
  readonly problems: SyntaxProblem[] = [];
  /** Where each member or declaration begins. */
  readonly segments: number[] = [0];
  readonly brackets = createBrackets();
  index = 0;
  /** The declaration that is being read, and what is known of it. */
  declaration: TokenType | undefined;
  declarationName = "";
  headerLength = 0;
  hasBody = false;
  hasAssign = false;
  member: TokenType | undefined;
  /** Rank of the last clause of a subscription. */
  lastClause = -1;
  /** `not`s in a row. */
  nots = 0;
  private tooDeepSaid = false;
  /** Depth of the body in which tokens are left out until something begins. */
  skipping: number | undefined;

  constructor(input: readonly IToken[], nearest: Nearest) {
    this.input = input;
    this.nearest = nearest;
  }

  previous(): IToken | undefined {
    return this.tokens[this.tokens.length - 1];
  }

  previousCompletes(): boolean {
    const previous = this.previous();
    return previous !== undefined && completes.has(previous.tokenType);
  }

  isLineFirst(token: IToken): boolean {
    const before = this.input[this.index - 1];
    if (before === undefined || before.endLine === undefined || token.startLine === undefined) return true;
    return token.startLine > before.endLine;
  }

  emit(token: IToken, type: TokenType): void {
    if (type === t.Not) {
      if (this.brackets.open.length + this.nots >= NESTING_LIMIT) {
        this.refuseDepth(token);
        return;
      }
      this.nots += 1;
    } else if (type !== t.LeftParen) this.nots = 0;
    retype(token, type);
    this.tokens.push(token);
    if (this.brackets.open.length === 0) this.headerLength += 1;
  }

  /** Says that something else was due, and leaves the token out. */
  refuse(token: IToken, expected: string, help: string): void {
    const place = { start: token.startOffset, end: t.endOf(token) };
    const next = this.input[this.index + 1];
    const before = this.previous();
    const spaced = before !== undefined && t.endOf(before) < token.startOffset;
    const sameLine = next !== undefined && next.startLine === token.endLine;
    const end = spaced && sameLine ? next.startOffset : place.end;
    this.problems.push({
      code: "MBX1005",
      ...place,
      params: { expected, found: describeFound(token) },
      help: { message: help, fix: { start: place.start, end, text: "" } },
    });
  }

  refuseDepth(token: IToken): void {
    if (this.tooDeepSaid) return;
    this.tooDeepSaid = true;
    const place = { start: token.startOffset, end: t.endOf(token) };
    this.problems.push({ code: "MBX1007", ...place, params: { limit: NESTING_LIMIT } });
  }
}

/** A token that stands nowhere in the text, just after another. */
export function virtual(type: TokenType, after: IToken): IToken {
  const end = t.endOf(after);
  const [line, column] = [after.endLine ?? 1, after.endColumn ?? 1];
  return createTokenInstance(type, "", end, end, line, line, column, column);
}
