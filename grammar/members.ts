/** Where a member, an option, a field begins, also inside an unfinished one. */
import type { IToken, TokenType } from "chevrotain";
import { type Bracket, NESTING_LIMIT } from "./brackets.ts";
import { closeAll, closeDownTo } from "./closing.ts";
import { beginDeclaration, beginsDeclaration } from "./declarations.ts";
import type { Reader } from "./reader.ts";
import * as t from "./tokens.ts";

const beginsOperand: ReadonlySet<TokenType> = new Set([
  t.Word,
  t.NumberToken,
  t.Text,
  t.Ipv4,
  t.Ipv6,
  t.Mac,
  t.LeftParen,
]);

export function beginsSomething(reader: Reader, token: IToken): boolean {
  const declaration = t.declarationWords.get(token.image);
  if (declaration !== undefined && beginsDeclaration(reader, token)) {
    closeAll(reader, token);
    beginDeclaration(reader, token, declaration);
    return true;
  }
  for (let depth = reader.brackets.open.length; depth > 0; depth--) {
    const bracket = reader.brackets.open[depth - 1];
    if (bracket === undefined || bracket.kind === "group") {
      // Only the body around groups is of interest: look there at once.
      if (!reader.isLineFirst(token)) return false;
      const body = bodyDepth(reader);
      if (body === 0) return false;
      depth = body + 1;
      continue;
    }
    if (bracket.kind === "set") {
      if (!reader.isLineFirst(token)) return false;
      continue;
    }
    const role = itemRole(reader, token, bracket, depth);
    if (role === undefined) {
      if (!reader.isLineFirst(token)) return false;
      continue;
    }
    closeDownTo(reader, depth, token);
    beginMember(reader, token, role);
    return true;
  }
  return false;
}

/** Depth of the innermost body; groups beyond the limit are many, bodies are few. */
export function bodyDepth(reader: Reader): number {
  let depth = Math.min(reader.brackets.open.length, NESTING_LIMIT + 1);
  while (depth > 0) {
    const kind = reader.brackets.open[depth - 1]?.kind;
    if (kind !== "group" && kind !== "set") return depth;
    depth -= 1;
  }
  return 0;
}

export function beginMember(reader: Reader, token: IToken, type: TokenType): void {
  reader.member = type;
  reader.lastClause = -1;
  reader.skipping = undefined;
  reader.segments.push(token.startOffset);
  reader.emit(token, type);
}

/** The role in which a word begins an item of the bracket at `depth`, if it does. */
export function itemRole(
  reader: Reader,
  token: IToken,
  bracket: Bracket,
  depth: number,
): TokenType | undefined {
  const inside = depth === reader.brackets.open.length;
  switch (bracket.kind) {
    case "nf":
      return memberRole(reader, token, t.nfWords, inside);
    case "chain":
      return memberRole(reader, token, t.chainWords, inside);
    case "options":
      return beginsOption(reader, token, inside) ? t.OptionName : undefined;
    case "fields":
      return beginsField(reader, token, inside, depth) ? t.FieldName : undefined;
    default:
      return undefined;
  }
}

export function memberRole(
  reader: Reader,
  token: IToken,
  words: ReadonlyMap<string, TokenType>,
  inside: boolean,
): TokenType | undefined {
  const role = words.get(token.image);
  const first = reader.isLineFirst(token);
  const fresh = reader.previous()?.tokenType === t.LeftBrace || reader.previousCompletes();
  if (!inside) return first && isNoListItem(reader) ? role : undefined;
  if (role !== undefined) return first || fresh || reader.skipping !== undefined ? role : undefined;
  if (reader.skipping !== undefined || t.clauseWords.has(token.image)) return undefined;
  if (!first && reader.previous()?.tokenType !== t.LeftBrace) return undefined;
  if (!fresh && !interruptsMember(reader, token, words)) return undefined;
  return repairMember(reader, token, words);
}

/** Two words in a row, the first almost a member's: not what the line before waits for. */
export function interruptsMember(
  reader: Reader,
  token: IToken,
  words: ReadonlyMap<string, TokenType>,
): boolean {
  const next = reader.input[reader.index + 1];
  if (next === undefined || next.startLine !== token.endLine) return false;
  const argument = next.tokenType === t.Text || (next.tokenType === t.Word && !t.clauseWords.has(next.image));
  return argument && reader.nearest(token.image, words.keys()) !== undefined;
}

/** Inside a set or a group, a word on its own line may also be one of its names. */
export function isNoListItem(reader: Reader): boolean {
  const next = reader.input[reader.index + 1]?.tokenType;
  return (
    next !== t.Comma &&
    next !== t.RightBrace &&
    next !== t.RightParen &&
    next !== t.Colon &&
    next !== t.Pipe &&
    next !== t.Arrow &&
    next !== t.Dot
  );
}

export function repairMember(
  reader: Reader,
  token: IToken,
  words: ReadonlyMap<string, TokenType>,
): TokenType | undefined {
  const owner = reader.declaration === t.Nf ? "a network function" : "a chain";
  const meant = reader.nearest(token.image, words.keys());
  const place = { start: token.startOffset, end: t.endOf(token) };
  reader.problems.push({
    code: "MBX1009",
    ...place,
    params: { word: token.image, owner },
    help:
      meant === undefined
        ? { message: `${owner} has ${[...words.keys()].map((word) => `\`${word}\``).join(", ")}` }
        : { message: `did you mean \`${meant}\`?`, fix: { ...place, text: meant } },
  });
  const role = meant === undefined ? undefined : words.get(meant);
  if (role === undefined) {
    reader.segments.push(token.startOffset);
    reader.skipping = reader.brackets.open.length;
  }
  return role;
}

/** A word after a complete value, or one that begins a line and has a value after it. */
export function beginsOption(reader: Reader, token: IToken, inside: boolean): boolean {
  if (["and", "or", "in", "not"].includes(token.image.toLowerCase())) return false;
  if (inside && (reader.previous()?.tokenType === t.LeftBrace || reader.previousCompletes())) return true;
  const next = reader.input[reader.index + 1];
  if (next === undefined || !reader.isLineFirst(token) || next.startLine !== token.endLine) return false;
  if (["and", "or", "in"].includes(next.image)) return false;
  return beginsOperand.has(next.tokenType) && (inside || reader.previousCompletes());
}

export function beginsField(reader: Reader, token: IToken, inside: boolean, depth: number): boolean {
  const colon = reader.input[reader.index + 1]?.tokenType === t.Colon;
  const previous = reader.previous()?.tokenType;
  if (colon) return inside || reader.isLineFirst(token);
  if (!inside || previous === t.Colon) return false;
  if (depth > 1 && reader.isLineFirst(token) && t.nfWords.has(token.image)) return false;
  return reader.isLineFirst(token) || previous === t.LeftBrace;
}
