/** Where a declaration begins, also where the one before it is unfinished. */
import type { IToken, TokenType } from "chevrotain";
import { bodyKinds, open } from "./closing.ts";
import { describeFound } from "./messages.ts";
import { type Reader, virtual } from "./reader.ts";
import * as t from "./tokens.ts";

/** What other languages call our declarations. */
const foreignDeclarations: ReadonlyMap<string, string> = new Map([
  ["function", "nf"],
  ["module", "nf"],
  ["include", "import"],
  ["use", "import"],
  ["let", "const"],
  ["var", "const"],
  ["define", "const"],
  ["struct", "event"],
  ["pipeline", "chain"],
]);

export function beginsDeclaration(reader: Reader, token: IToken): boolean {
  const first = reader.isLineFirst(token);
  if (reader.brackets.open.length === 0) {
    if (looksLikeDeclaration(reader, token.image)) return true;
    if (reader.skipping !== undefined) return first;
    const complete = reader.previousCompletes() || reader.tokens.length === 0;
    return complete && !inHeader(reader, token);
  }
  return first && (looksLikeDeclaration(reader, token.image) || isForeignToBody(reader, token));
}

/** `nf b` first on a line of a body that has no member `nf`. */
export function isForeignToBody(reader: Reader, token: IToken): boolean {
  const next = reader.input[reader.index + 1];
  if (next?.tokenType !== t.Word || next.startLine !== token.endLine || !reader.previousCompletes())
    return false;
  const kind = reader.brackets.open.at(-1)?.kind;
  if (kind === "set" || kind === "group") return false;
  return !(kind === "chain" && t.chainWords.has(token.image)) && !t.clauseWords.has(next.image);
}

/** `extends event`: the name of something may be a keyword. */
export function inHeader(reader: Reader, token: IToken): boolean {
  const next = reader.input[reader.index + 1]?.tokenType;
  const complete =
    reader.declaration === undefined || reader.hasBody || reader.hasAssign || reader.headerLength > 1;
  return !complete && token.tokenType === t.Word && next !== t.Word && next !== t.Text;
}

export function looksLikeDeclaration(reader: Reader, word: string): boolean {
  const [next, second] = [reader.input[reader.index + 1], reader.input[reader.index + 2]];
  switch (word) {
    case "import":
      return next?.tokenType === t.Text;
    case "event":
      return next?.tokenType === t.Word && (second?.image === "extends" || second?.tokenType === t.LeftBrace);
    case "const":
    case "stack":
      return next?.tokenType === t.Word && second?.tokenType === t.Assign;
    case "nf":
      return (
        next?.tokenType === t.Word && (second?.tokenType === t.Assign || second?.tokenType === t.LeftBrace)
      );
    default:
      return next?.tokenType === t.Word && second?.tokenType === t.LeftBrace;
  }
}

export function beginDeclaration(reader: Reader, token: IToken, type: TokenType): void {
  reader.declaration = type;
  const name = reader.input[reader.index + 1];
  reader.declarationName = name?.tokenType === t.Word ? `\`${name.image}\`` : "";
  reader.headerLength = 0;
  reader.hasBody = false;
  reader.hasAssign = false;
  reader.member = undefined;
  reader.skipping = undefined;
  reader.segments.push(token.startOffset);
  reader.emit(token, type);
}

/** `nf dpi` and then a member: the brace between them is missing. */
export function openMissingBody(reader: Reader, token: IToken): boolean {
  if (reader.brackets.open.length > 0 || reader.hasBody || reader.declaration === undefined) return false;
  const kind = bodyKinds.get(reader.declaration);
  const previous = reader.previous();
  if (kind === undefined || previous === undefined || reader.headerLength < 2) return false;
  if (reader.declaration === t.Nf && reader.hasAssign) return false;
  if (token.tokenType !== t.Word || !reader.isLineFirst(token) || !reader.previousCompletes()) return false;
  const end = t.endOf(previous);
  reader.problems.push({
    code: "MBX1005",
    start: end,
    end,
    params: { expected: "`{`", found: describeFound(token) },
    help: { message: "open the body", fix: { start: end, end, text: " {" } },
  });
  open(reader, virtual(t.LeftBrace, previous), kind);
  return true;
}

/** Between declarations only a declaration may begin. */
export function refuseStray(reader: Reader, token: IToken): boolean {
  if (token.tokenType === t.RightBrace || token.tokenType === t.RightParen) return false;
  const expectsBody = reader.declaration !== undefined && bodyKinds.has(reader.declaration);
  const valued = reader.hasAssign || reader.declaration === t.Import;
  const complete =
    reader.declaration === undefined ||
    reader.hasBody ||
    (valued && !(expectsBody && reader.declaration !== t.Nf) && reader.previousCompletes());
  if (!complete) return false;
  if (!reader.hasBody && reader.declaration !== undefined && !reader.isLineFirst(token)) return false;
  refuseDeclaration(reader, token);
  return true;
}

export function refuseDeclaration(reader: Reader, token: IToken): void {
  const place = { start: token.startOffset, end: t.endOf(token) };
  if (token.tokenType !== t.Word) {
    reader.problems.push({
      code: "MBX1005",
      ...place,
      params: { expected: "a declaration", found: describeFound(token) },
    });
    skipDeclaration(reader, token);
    return;
  }
  const meant =
    foreignDeclarations.get(token.image.toLowerCase()) ??
    reader.nearest(token.image, t.declarationWords.keys());
  reader.problems.push({
    code: "MBX1008",
    ...place,
    params: { word: token.image },
    ...(meant === undefined
      ? {}
      : { help: { message: `did you mean \`${meant}\`?`, fix: { ...place, text: meant } } }),
  });
  const type = meant === undefined ? undefined : t.declarationWords.get(meant);
  if (type === undefined) skipDeclaration(reader, token);
  else beginDeclaration(reader, token, type);
}

export function skipDeclaration(reader: Reader, token: IToken): void {
  reader.segments.push(token.startOffset);
  reader.declaration = undefined;
  reader.hasBody = false;
  reader.hasAssign = false;
  reader.skipping = 0;
  if (token.tokenType === t.LeftBrace || token.tokenType === t.LeftParen) skip(reader, token);
}

/** Leaves out what stands in a part that nobody understands. */
export function skip(reader: Reader, token: IToken): boolean {
  const depth = reader.skipping ?? 0;
  const { open } = reader.brackets;
  if (token.tokenType === t.LeftBrace || token.tokenType === t.LeftParen) {
    const kind = token.tokenType === t.LeftParen ? "group" : "set";
    reader.brackets.push({ kind, token, owner: "", seen: false });
    return true;
  }
  if (token.tokenType === t.RightBrace || token.tokenType === t.RightParen) {
    if (open.length > depth) {
      reader.brackets.pop();
      return true;
    }
    if (depth === 0) return true;
    reader.skipping = undefined;
    return false;
  }
  return true;
}
