/** Words and signs inside declarations and members. */
import type { IToken, TokenType } from "chevrotain";
import { operatorMeant, operatorProblem } from "./foreign.ts";
import { describeArgument } from "./messages.ts";
import type { Reader } from "./reader.ts";
import * as t from "./tokens.ts";

const memberWords: ReadonlySet<TokenType> = new Set([...t.nfWords.values(), ...t.chainWords.values()]);
const beforeNot: ReadonlySet<TokenType> = new Set([t.Where, t.And, t.Or, t.Not, t.LeftParen, t.OptionName]);
/** Clauses of a subscription, in their order. */
const clauseOrder = ["where", "from", "->"];

export function readWord(reader: Reader, token: IToken): void {
  reader.emit(token, clauseRole(reader, token) ?? t.Name);
}

export function clauseRole(reader: Reader, token: IToken): TokenType | undefined {
  const previous = reader.previous()?.tokenType;
  const word = token.image.toLowerCase();
  const role = roleOfClause(reader, word, previous);
  if (role === undefined || word === token.image) return role;
  if (role === t.TypeEnum || role === t.Flow) return undefined;
  reader.problems.push(operatorProblem(token, word));
  return role;
}

export function roleOfClause(
  reader: Reader,
  word: string,
  previous: TokenType | undefined,
): TokenType | undefined {
  if (word === "enum") return previous === t.Colon ? t.TypeEnum : undefined;
  if (word === "flow") return previous === t.State ? t.Flow : undefined;
  if (word === "start") return previous === t.From ? t.Start : undefined;
  if (word === "not") return beginsNot(reader, previous) ? t.Not : undefined;
  if (!reader.previousCompletes()) return undefined;
  switch (word) {
    case "extends":
      return reader.declaration === t.Event && !reader.hasBody ? t.Extends : undefined;
    case "on":
      return reader.member === t.Place ? t.On : undefined;
    case "where":
    case "from":
      return reader.member === t.Subscribe ? clause(reader, word) : undefined;
    case "and":
    case "or":
    case "in":
      return reader.member === t.Subscribe || reader.member === t.OptionName
        ? t.clauseWords.get(word)
        : undefined;
    default:
      return undefined;
  }
}

export function beginsNot(reader: Reader, previous: TokenType | undefined): boolean {
  const tests = reader.member === t.Subscribe || reader.member === t.OptionName;
  return tests && previous !== undefined && beforeNot.has(previous);
}

/** Says when a clause of a subscription comes too late. */
export function clause(reader: Reader, word: string): TokenType | undefined {
  const rank = clauseOrder.indexOf(word);
  const token = reader.input[reader.index];
  if (token !== undefined && rank <= reader.lastClause) {
    const before = clauseOrder[reader.lastClause] ?? word;
    const place = { start: token.startOffset, end: t.endOf(token) };
    reader.problems.push({
      code: "MBX1019",
      ...place,
      params: { clause: word, before },
      help: {
        message:
          word === before
            ? `one \`${word}\` is enough; tests are joined with \`and\``
            : `write \`${word}\` before \`${before}\``,
      },
    });
  }
  reader.lastClause = rank;
  return t.clauseWords.get(word);
}

export function readForeign(reader: Reader, token: IToken): void {
  const meant = operatorMeant(token.image);
  if (meant === undefined) return;
  const pipe = token.image === "||" && reader.member === t.PathWord;
  const word = pipe ? "|" : meant.word;
  reader.problems.push(operatorProblem(token, word));
  const role = pipe ? t.Pipe : meant.type;
  if (role === t.Not && !beginsNot(reader, reader.previous()?.tokenType)) return;
  reader.emit(token, role);
}

export function readPunctuation(reader: Reader, token: IToken): void {
  const { tokenType } = token;
  const depth = reader.brackets.open.length;
  if (tokenType === t.Assign) {
    readAssign(reader, token);
    return;
  }
  if (tokenType === t.Colon && reader.brackets.open.at(-1)?.kind !== "fields") {
    readColon(reader, token);
    return;
  }
  if (tokenType === t.Comma && depth > 0 && reader.brackets.open.at(-1)?.kind === "fields") {
    reader.refuse(token, "the next field", "fields stand below one another, without commas");
    return;
  }
  if (tokenType === t.Arrow && reader.member === t.Subscribe) clause(reader, "->");
  reader.emit(token, tokenType);
}

export function readAssign(reader: Reader, token: IToken): void {
  const top = reader.brackets.open.at(-1);
  const previous = reader.previous()?.tokenType;
  if (top === undefined) {
    reader.hasAssign = true;
    reader.emit(token, t.Assign);
    return;
  }
  if (top.kind === "fields") {
    reader.problems.push(operatorProblem(token, ":"));
    reader.emit(token, t.Colon);
    return;
  }
  if (previous !== undefined && (memberWords.has(previous) || previous === t.OptionName)) {
    reader.refuse(token, describeArgument(previous), "leave out the `=`");
    return;
  }
  if (reader.member === t.Subscribe || reader.member === t.OptionName) {
    reader.problems.push(operatorProblem(token, "=="));
    reader.emit(token, t.Equal);
    return;
  }
  reader.emit(token, t.Assign);
}

export function readColon(reader: Reader, token: IToken): void {
  const previous = reader.previous()?.tokenType;
  if (previous !== undefined && (memberWords.has(previous) || previous === t.OptionName)) {
    reader.refuse(token, describeArgument(previous), "leave out the `:`");
    return;
  }
  const named = reader.declaration === t.Const || reader.declaration === t.Stack;
  if (reader.brackets.open.length === 0 && named && !reader.hasAssign) {
    reader.problems.push(operatorProblem(token, "="));
    reader.hasAssign = true;
    reader.emit(token, t.Assign);
    return;
  }
  reader.emit(token, t.Colon);
}
