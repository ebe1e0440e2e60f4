/** Where the parser stumbled, in the author's words. */
import type { IToken, TokenType } from "chevrotain";
import { alternatives, describeArgument, describeExpected, describeFound } from "./messages.ts";
import type { Stumble } from "./parser.ts";
import type { SyntaxProblem } from "./problem.ts";
import type { Nearest } from "./reader.ts";
import * as t from "./tokens.ts";

const memberTypes: ReadonlySet<TokenType> = new Set([
  ...t.nfWords.values(),
  ...t.chainWords.values(),
  t.OptionName,
]);
const comparisons = "a comparison such as `==`";

/**
 * The problem behind a stumble. What is missing at the end of a line is shown
 * just after what is there, not at what begins the next line.
 */
export function problemOf(stumble: Stumble, member: TokenType | undefined, nearest: Nearest): SyntaxProblem {
  const { token, previous } = stumble;
  const atEnd = previous !== undefined && (isEnd(token) || (token.startLine ?? 0) > (previous.endLine ?? 0));
  const place =
    atEnd && previous !== undefined
      ? { start: t.endOf(previous), end: t.endOf(previous) }
      : { start: startOf(token, previous), end: startOf(token, previous) + token.image.length };
  const found = describeFound(token);
  if (stumble.expected[0] === t.Assign && previous?.tokenType === t.Name) {
    return {
      code: "MBX1011",
      ...place,
      params: { after: `\`${previous.image}\``, found },
      help: { message: "write `=` between them", fix: { start: place.start, end: place.start, text: "= " } },
    };
  }
  const words = possibleWords(stumble, member);
  return {
    code: "MBX1005",
    ...place,
    params: { expected: expectedText(stumble, member), found },
    ...helpFor(stumble, member, words, nearest, place),
  };
}

function isEnd(token: IToken): boolean {
  return token.image === "";
}

function startOf(token: IToken, previous: IToken | undefined): number {
  if (Number.isNaN(token.startOffset)) return previous === undefined ? 0 : t.endOf(previous);
  return token.startOffset;
}

/** Words that could go on a member, for a suggestion. */
function possibleWords(stumble: Stumble, member: TokenType | undefined): readonly string[] {
  const expected = stumble.expected.flatMap((type) => wordOf(type));
  if (!endsMember(stumble)) return expected;
  if (member === t.Subscribe) return ["where", "from", "and", "or", "in", ...t.nfWords.keys()];
  if (member === t.OptionName) return ["and", "or", "in"];
  if (member === t.Place) return ["on", ...t.chainWords.keys()];
  return stumble.rule === "chainDecl" ? [...t.chainWords.keys()] : [...t.nfWords.keys()];
}

function wordOf(type: TokenType): readonly string[] {
  const word = /^`([a-z_]+)`$/.exec(type.LABEL ?? "")?.[1];
  return word === undefined ? [] : [word];
}

/** The parser wanted the end of a body: the member before it is complete. */
function endsMember(stumble: Stumble): boolean {
  const bodies = ["nfDecl", "chainDecl", "stackDecl", "eventDecl", "state"];
  return bodies.includes(stumble.rule) && stumble.expected[0] === t.RightBrace;
}

function expectedText(stumble: Stumble, member: TokenType | undefined): string {
  const before = stumble.previous?.tokenType;
  if (before !== undefined && memberTypes.has(before) && !endsMember(stumble))
    return describeArgument(before);
  switch (stumble.rule) {
    case "subscribe":
      return before === t.Arrow || before === t.Comma ? "a callback" : expectedTokens(stumble);
    case "publish":
      return "an event";
    case "links":
      return "the name of a library in double quotes";
    case "path":
    case "step":
      return stumble.expected[0] === t.RightParen ? "`->`, `|` or `)`" : "a network function or `(`";
    case "operand":
    case "term":
      if (stumble.expected[0] === t.RightParen) return "`and`, `or` or `)`";
      return member === t.OptionName || member === t.Subscribe ? operandText(before) : "a value";
    case "value":
      return "a value, or a set in `{ }`";
    case "set":
      return stumble.expected[0] === t.RightBrace ? "`,` or `}`" : "a value";
    case "nameSet":
      if (stumble.expected[0] === t.RightBrace) return "`,` or `}`";
      return before === t.Comma ? "a name" : expectedTokens(stumble);
    case "ref":
      return before === t.Dot ? "the name of a field" : "a field";
    case "field":
      return stumble.expected[0] === t.Name || stumble.expected.includes(t.TypeEnum)
        ? "a type, such as `u32`, `text<96>` or `enum { … }`"
        : expectedTokens(stumble);
    case "nfDecl":
    case "chainDecl":
    case "stackDecl":
    case "eventDecl":
    case "state":
      return endsMember(stumble) ? afterMember(stumble, member) : headerText(stumble);
    case "declaration":
    case "file":
      return "a declaration";
    default:
      return expectedTokens(stumble);
  }
}

function operandText(before: TokenType | undefined): string {
  const starts = before === t.Where || before === t.And || before === t.Or || before === t.Not;
  return starts || before === t.LeftParen ? "a test, such as `tcp.dport == 80`" : "a value";
}

function headerText(stumble: Stumble): string {
  const names: ReadonlyMap<string, string> = new Map([
    ["nfDecl", "the name of the network function"],
    ["chainDecl", "the name of the chain"],
    ["stackDecl", "the name of the stack"],
    ["eventDecl", "the name of the event"],
  ]);
  const before = stumble.previous?.tokenType;
  if (stumble.expected[0] !== t.Name) return expectedTokens(stumble);
  if (before === t.Extends) return "the event that is extended";
  if (before === t.Assign) return stumble.rule === "stackDecl" ? "a kind of stack" : "a network function";
  return names.get(stumble.rule) ?? "a name";
}

function expectedTokens(stumble: Stumble): string {
  if (stumble.expected.length === 0) return "the end of the file";
  return alternatives(stumble.expected.map(describeExpected));
}

/** What may stand after a member that could be complete. */
function afterMember(stumble: Stumble, member: TokenType | undefined): string {
  const before = stumble.previous?.tokenType;
  switch (stumble.rule) {
    case "stackDecl":
      if (before === t.LeftBrace) return "an option or `}`";
      return `${comparisons}, \`and\`, \`or\`, the next option or \`}\``;
    case "eventDecl":
    case "state":
      return "a field or `}`";
    default:
      break;
  }
  switch (member) {
    case t.Subscribe:
      return "`where`, `from`, `->`, the next member or `}`";
    case t.PathWord:
      return "`->`, the next member or `}`";
    case t.Ports:
      return "`<->`, the next member or `}`";
    case t.Publish:
    case t.Reads:
    case t.Writes:
    case t.Links:
      return "`,`, the next member or `}`";
    default:
      return "the next member or `}`";
  }
}

function helpFor(
  stumble: Stumble,
  member: TokenType | undefined,
  words: readonly string[],
  nearest: Nearest,
  place: { readonly start: number; readonly end: number },
): Pick<SyntaxProblem, "help"> {
  const { token, previous } = stumble;
  if (token.tokenType === t.Name && place.end > place.start) {
    const meant = nearest(token.image, words);
    if (meant !== undefined) {
      return { help: { message: `did you mean \`${meant}\`?`, fix: { ...place, text: meant } } };
    }
  }
  if (token.tokenType === t.Comma && member === t.Subscribe) {
    return { help: { message: "write a `subscribe` of its own for each event" } };
  }
  if (token.tokenType === t.Pipe && member === t.PathWord) {
    return { help: { message: "put what runs side by side in brackets: `(a | b)`" } };
  }
  if (token.tokenType === t.Comma && member === t.PathWord) {
    return { help: { message: "steps are joined with `->`, branches with `|`" } };
  }
  if (previous?.tokenType === t.Comma && (token.tokenType === t.RightBrace || place.start === place.end)) {
    const start = previous.startOffset;
    return { help: { message: "leave out the last `,`", fix: { start, end: start + 1, text: "" } } };
  }
  if (stumble.expected[0] === t.Colon && previous?.tokenType === t.FieldName) {
    const start = t.endOf(previous);
    return { help: { message: "a field is `name: type`", fix: { start, end: start, text: ":" } } };
  }
  const wantsText = stumble.expected.length === 1 && stumble.expected[0] === t.Text;
  if (wantsText && token.tokenType === t.Name && place.end > place.start) {
    return { help: { message: "texts stand in double quotes" } };
  }
  if (stumble.expected[0] === t.RightBrace && (stumble.rule === "nameSet" || stumble.rule === "set")) {
    if (place.end === place.start) return {};
    // Where the parser has gone on, what it read last is behind the place.
    const known = previous !== undefined && t.endOf(previous) <= place.start;
    const before = known ? t.endOf(previous) : place.start;
    return {
      help: {
        message: "members of a set are separated by `,`",
        fix: { start: before, end: before, text: known ? "," : ", " },
      },
    };
  }
  return {};
}
