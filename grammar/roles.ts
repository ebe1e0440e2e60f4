/**
 * Gives each word the role that its place wants, and gives the parser brackets
 * that balance. Here lies what a person sees at a glance and a grammar does not:
 * that a line begins a member, that a declaration begins although a brace is
 * still open, that `evnt` was meant as `event`. What is found wrong here is
 * said here and repaired, so that the parser does not trip over it again.
 */
import type { IToken } from "chevrotain";
import { readForeign, readPunctuation, readWord } from "./clauses.ts";
import { braceKind, closeAll, closeBrace, closeGroup, open } from "./closing.ts";
import { openMissingBody, refuseStray, skip } from "./declarations.ts";
import { beginsSomething } from "./members.ts";
import type { SyntaxProblem } from "./problem.ts";
import { type Nearest, Reader } from "./reader.ts";
import * as t from "./tokens.ts";

export interface Roles {
  /** Balanced, in their roles, for the parser. */
  readonly tokens: readonly IToken[];
  readonly problems: readonly SyntaxProblem[];
  /** Where each member or declaration begins: a mistake is reported once in each. */
  readonly segments: readonly number[];
}

export function assignRoles(input: readonly IToken[], nearest: Nearest): Roles {
  const reader = new Reader(input, nearest);
  for (const token of input) {
    readToken(reader, token);
    reader.index += 1;
  }
  closeAll(reader);
  return { tokens: reader.tokens, problems: reader.problems, segments: reader.segments };
}

function readToken(reader: Reader, token: IToken): void {
  if (token.tokenType === t.Word && beginsSomething(reader, token)) return;
  if (reader.skipping !== undefined && skip(reader, token)) return;
  if (openMissingBody(reader, token)) {
    readToken(reader, token);
    return;
  }
  if (reader.brackets.open.length === 0 && refuseStray(reader, token)) return;
  switch (token.tokenType) {
    case t.Word:
      readWord(reader, token);
      return;
    case t.LeftBrace:
      open(reader, token, braceKind(reader));
      return;
    case t.LeftParen:
      open(reader, token, "group");
      return;
    case t.RightBrace:
      closeBrace(reader, token);
      return;
    case t.RightParen:
      closeGroup(reader, token);
      return;
    case t.ForeignOperator:
      readForeign(reader, token);
      return;
    default:
      readPunctuation(reader, token);
      return;
  }
}
