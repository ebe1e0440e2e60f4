/** Brackets that open and close, and those that do not. */
import type { IToken, TokenType } from "chevrotain";
import { type Bracket, type BracketKind, NESTING_LIMIT } from "./brackets.ts";
import { type Reader, virtual } from "./reader.ts";
import * as t from "./tokens.ts";

/** Declarations that have a body, and what it holds. */
export const bodyKinds: ReadonlyMap<TokenType, BracketKind> = new Map<TokenType, BracketKind>([
  [t.Event, "fields"],
  [t.Stack, "options"],
  [t.Nf, "nf"],
  [t.Chain, "chain"],
]);

export function braceKind(reader: Reader): BracketKind {
  const top = reader.brackets.open.at(-1);
  if (top === undefined) {
    return reader.declaration === undefined || reader.hasBody
      ? "set"
      : (bodyKinds.get(reader.declaration) ?? "set");
  }
  return top.kind === "nf" && reader.member === t.State ? "fields" : "set";
}

export function open(reader: Reader, token: IToken, kind: BracketKind): void {
  const deep = reader.brackets.open.length + reader.nots >= NESTING_LIMIT;
  if (deep) reader.refuseDepth(token);
  if (reader.brackets.open.length === 0 && kind !== "group") reader.hasBody = true;
  const owner = reader.brackets.open.length === 0 ? reader.declarationName : "";
  if (!deep) reader.emit(token, token.tokenType);
  reader.brackets.push({ kind, token, owner, seen: !deep });
}

export function closeBrace(reader: Reader, token: IToken): void {
  if (reader.brackets.braces() === 0) {
    refuseCloser(reader, token);
    return;
  }
  const inner = reader.brackets.open.at(-1);
  if (inner?.kind === "group") sayUnclosed(reader, inner);
  while (reader.brackets.open.at(-1)?.kind === "group") closeTop(reader);
  close(reader, token);
  if (reader.brackets.open.length === 0) reader.member = undefined;
}

export function closeGroup(reader: Reader, token: IToken): void {
  if (reader.brackets.open.at(-1)?.kind !== "group") {
    refuseCloser(reader, token);
    return;
  }
  close(reader, token);
}

export function close(reader: Reader, token: IToken): void {
  const bracket = reader.brackets.pop();
  if (bracket?.seen === true) reader.emit(token, token.tokenType);
}

/** Closes the innermost bracket where its closer is missing. */
export function closeTop(reader: Reader): void {
  const bracket = reader.brackets.pop();
  const previous = reader.previous();
  if (bracket?.seen !== true || previous === undefined) return;
  const type = bracket.kind === "group" ? t.RightParen : t.RightBrace;
  reader.tokens.push(virtual(type, previous));
}

export function refuseCloser(reader: Reader, token: IToken): void {
  // A declaration whose brace is missing: the parser says so where it is missing.
  const bodyMissing =
    reader.declaration !== undefined && bodyKinds.has(reader.declaration) && !reader.hasBody;
  if (bodyMissing && token.tokenType === t.RightBrace && reader.brackets.open.length === 0) {
    reader.hasBody = true;
    return;
  }
  const place = { start: token.startOffset, end: t.endOf(token) };
  reader.problems.push({ code: "MBX1015", ...place, params: { closer: token.image } });
}

/** What begins here ends what is open above `depth`. */
export function closeDownTo(reader: Reader, depth: number, next?: IToken): void {
  const bracket = reader.brackets.open[depth];
  if (bracket !== undefined) sayUnclosed(reader, bracket, next);
  while (reader.brackets.open.length > depth) closeTop(reader);
}

export function closeAll(reader: Reader, next?: IToken): void {
  closeDownTo(reader, 0, next);
}

/** A body of several lines is closed on a line of its own, indented as it was opened. */
function closing(bracket: Bracket, closer: string, previous: IToken | undefined): string {
  if (bracket.kind === "group") return closer;
  if (bracket.owner !== "") return `\n${closer}`;
  const lines = (previous?.endLine ?? 0) > (bracket.token.startLine ?? 0);
  return lines && bracket.kind === "fields" ? `\n  ${closer}` : ` ${closer}`;
}

export function sayUnclosed(reader: Reader, bracket: Bracket, next?: IToken): void {
  const [opener, closer] = bracket.kind === "group" ? ["(", ")"] : ["{", "}"];
  const previous = reader.previous();
  const end = previous === undefined ? bracket.token.startOffset : t.endOf(previous);
  const start = bracket.token.startOffset;
  reader.problems.push({
    code: "MBX1006",
    start,
    end: start + bracket.token.image.length,
    params: { opener, closer, owner: bracket.owner },
    ...(next === undefined
      ? {}
      : {
          secondary: [
            {
              start: next.startOffset,
              end: t.endOf(next),
              text: `\`${next.image}\` begins here, still inside`,
            },
          ],
        }),
    help: {
      message: `close it with \`${closer}\``,
      fix: { start: end, end, text: closing(bracket, closer, previous) },
    },
  });
}
