/**
 * Text to tokens. Whatever is wrong with a single token is said here, once, and
 * the token is repaired or left out, so that later stages see no trace of it.
 */
import { type IToken, Lexer, type TokenType } from "chevrotain";
import { readAddress, readNumber, readText, unitSynonyms, units } from "./literals.ts";
import type { SyntaxProblem } from "./problem.ts";
import * as t from "./tokens.ts";

/** The same at every start, so a test validates it and a start does not. */
const lexer = createLexer(true);

function createLexer(skipValidations: boolean): Lexer {
  return new Lexer(t.lexicalTokens, {
    positionTracking: "full",
    ensureOptimizations: true,
    skipValidations,
  });
}

/** Throws where a pattern is wrong, or can never match because of one before it. */
export function validateTokens(): void {
  createLexer(false);
}

export interface Lexed {
  /** What is left for the grammar: words are not yet in their roles. */
  readonly tokens: readonly IToken[];
  readonly docs: readonly IToken[];
  readonly problems: readonly SyntaxProblem[];
}

export function lex(text: string): Lexed {
  const result = lexer.tokenize(text);
  const problems: SyntaxProblem[] = result.errors.map((error) => ({
    code: "MBX1001",
    start: error.offset,
    end: error.offset + error.length,
    params: { character: nameCharacter(text.slice(error.offset, error.offset + error.length)) },
  }));
  const tokens: IToken[] = [];
  let index = 0;
  for (const token of result.tokens) {
    const kept = inspect(token, result.tokens, index++, problems);
    if (kept) keep(tokens, token, text);
  }
  return { tokens, docs: result.groups.docs ?? [], problems };
}

export function retype(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx ?? 0;
}

/** Joins the parts of `my-nf`, which is one word by its author's mind. */
function keep(tokens: IToken[], token: IToken, text: string): void {
  const previous = tokens[tokens.length - 1];
  const joins =
    previous?.tokenType === t.Word &&
    (token.tokenType === t.Word || token.tokenType === t.NumberToken) &&
    text[t.endOf(previous)] === "-" &&
    t.endOf(previous) + 1 === token.startOffset;
  if (!joins) {
    tokens.push(token);
    return;
  }
  previous.image = text.slice(previous.startOffset, t.endOf(token));
  if (token.endOffset !== undefined) previous.endOffset = token.endOffset;
}

/** Says what is wrong with one token; false when it is to be left out. */
function inspect(token: IToken, all: readonly IToken[], index: number, problems: SyntaxProblem[]): boolean {
  switch (token.tokenType) {
    case t.Word:
      inspectWord(token, problems);
      return true;
    case t.NumberToken:
      inspectNumber(token, problems);
      return true;
    case t.Ipv4:
    case t.Ipv6:
      inspectAddress(token, problems);
      return true;
    case t.Text:
      inspectText(token, problems);
      return true;
    case t.ForeignText:
      replaceText(token, problems);
      return true;
    case t.ForeignComment:
      refuseComment(token, problems);
      return false;
    case t.Unknown:
      refuseCharacters(token, all, index, problems);
      return false;
    default:
      return true;
  }
}

function inspectWord(token: IToken, problems: SyntaxProblem[]): void {
  const wrong = /[^A-Za-z0-9_]/.exec(token.image);
  if (wrong === null) return;
  const start = token.startOffset + wrong.index;
  problems.push({
    code: "MBX1001",
    start,
    end: start + 1,
    params: { character: wrong[0] },
    help: { message: "names are made of the letters a to z and A to Z, of digits and of `_`" },
  });
}

function inspectNumber(token: IToken, problems: SyntaxProblem[]): void {
  const reading = readNumber(token.image);
  const place = { start: token.startOffset, end: t.endOf(token) };
  switch (reading.kind) {
    case "number":
      return;
    case "malformed": {
      const repaired = decimalOf(token.image);
      problems.push({
        code: "MBX1003",
        ...place,
        params: { text: token.image, reason: reading.reason },
        help: { message: `write \`${repaired}\``, fix: { ...place, text: repaired } },
      });
      return;
    }
    case "unknown-unit":
      problems.push({
        code: "MBX1016",
        ...place,
        params: { text: token.image, unit: reading.unit },
        ...unitHelp(reading.digits, reading.unit, place),
      });
      return;
    case "too-large":
      problems.push({ code: "MBX1018", ...place, params: { text: token.image } });
      return;
  }
}

function decimalOf(image: string): string {
  if (/^0[xXoObB]/.test(image)) {
    try {
      return BigInt(image.replaceAll("_", "").toLowerCase()).toString();
    } catch {
      return "0";
    }
  }
  return image.replace(/_+/g, "_").replace(/_(?![0-9])/g, "");
}

function unitHelp(digits: string, unit: string, place: { start: number; end: number }) {
  const folded = unit.toLowerCase();
  const known = unitSynonyms.get(folded) ?? (units.has(folded) ? folded : undefined);
  if (known === undefined || digits === "") return {};
  return { help: { message: `write \`${digits}${known}\``, fix: { ...place, text: `${digits}${known}` } } };
}

function inspectAddress(token: IToken, problems: SyntaxProblem[]): void {
  const reading = readAddress(token.image);
  if (reading.ok) return;
  const fraction = token.tokenType === t.Ipv4 && /^[0-9_]+\.[0-9_]*[A-Za-z]*$/.test(token.image);
  const place = { start: token.startOffset, end: t.endOf(token) };
  problems.push(
    fraction
      ? {
          code: "MBX1003",
          ...place,
          params: { text: token.image, reason: "numbers have no fraction" },
          help: { message: "write a whole number, in a smaller unit if need be" },
        }
      : { code: "MBX1004", ...place, params: { text: token.image, reason: reading.reason } },
  );
}

function inspectText(token: IToken, problems: SyntaxProblem[]): void {
  const reading = readText(token.image);
  for (const bad of reading.badEscapes) {
    const start = token.startOffset + bad.offset;
    problems.push({
      code: "MBX1013",
      start,
      end: start + bad.sequence.length,
      params: { sequence: bad.sequence },
      help: {
        message: "a backslash itself is written `\\\\`",
        fix: { start, end: start + bad.sequence.length, text: `\\${bad.sequence}` },
      },
    });
  }
  if (reading.closed) return;
  problems.push({
    code: "MBX1002",
    start: token.startOffset,
    end: t.endOf(token),
    params: { quote: '"' },
    help: {
      message: "close the text on the line where it begins",
      fix: { start: t.endOf(token), end: t.endOf(token), text: '"' },
    },
  });
}

/** `'dpi.c'` is taken as the text that it was meant to be. */
function replaceText(token: IToken, problems: SyntaxProblem[]): void {
  const quote = token.image[0] ?? "'";
  const closed = token.image.length > 1 && token.image.endsWith(quote);
  const inner = token.image.slice(1, closed ? -1 : undefined);
  const text = `"${inner.replaceAll('"', '\\"')}"`;
  const place = { start: token.startOffset, end: t.endOf(token) };
  problems.push({
    code: "MBX1001",
    ...place,
    params: { character: quote },
    help: { message: "texts stand in double quotes", fix: { ...place, text } },
  });
  retype(token, t.Text);
}

function refuseComment(token: IToken, problems: SyntaxProblem[]): void {
  const opener = token.image.startsWith("#") ? "#" : "/*";
  const fix =
    opener === "#" ? { start: token.startOffset, end: token.startOffset + 1, text: "//" } : undefined;
  problems.push({
    code: "MBX1017",
    start: token.startOffset,
    end: token.startOffset + opener.length,
    params: { opener },
    help: {
      message: "begin each line of the comment with `//`",
      ...(fix === undefined ? {} : { fix }),
    },
  });
}

function refuseCharacters(
  token: IToken,
  all: readonly IToken[],
  index: number,
  problems: SyntaxProblem[],
): void {
  const start = token.startOffset;
  const end = t.endOf(token);
  const help = characterHelp(token, all[index - 1], all[index + 1]);
  problems.push({
    code: "MBX1001",
    start,
    end,
    params: { character: nameCharacter(token.image) },
    ...(help === undefined
      ? {}
      : {
          help: {
            message: help.message,
            ...(help.text === undefined ? {} : { fix: { start, end, text: help.text } }),
          },
        }),
  });
}

function characterHelp(
  token: IToken,
  before: IToken | undefined,
  after: IToken | undefined,
): { readonly message: string; readonly text?: string } | undefined {
  switch (token.image) {
    case ";":
      return { message: "nothing ends a line: leave it out", text: "" };
    case "-":
      if (
        before?.tokenType === t.Word &&
        t.endOf(before) === token.startOffset &&
        after?.startOffset === t.endOf(token)
      ) {
        return { message: "names are joined with `_`", text: "_" };
      }
      return { message: "numbers have no sign; an arrow is `->`" };
    case "–":
    case "—":
      return { message: "names are joined with `_`, an arrow is `->`" };
    case "→":
      return { message: "write `->`", text: "->" };
    case "↔":
      return { message: "write `<->`", text: "<->" };
    case "[":
    case "]":
      return { message: "sets stand in `{ }`, groups in `( )`" };
    default:
      return /^[“”„«»]+$/.test(token.image)
        ? { message: 'texts stand in plain double quotes `"`' }
        : undefined;
  }
}

/** A character as a message can show it: by number where it would not be seen. */
function nameCharacter(image: string): string {
  const point = image.codePointAt(0) ?? 0;
  const character = String.fromCodePoint(point);
  if (/[\p{L}\p{N}\p{P}\p{S}]/u.test(character)) return character;
  return `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}
