/**
 * The tokens of the language. The lexer makes the lexical ones; which words
 * are keywords depends on where they stand, so `roles.ts` turns a word into a
 * keyword only where the grammar wants one, and every name stays usable.
 */
import { createToken, type IToken, Lexer, type TokenType } from "chevrotain";

/* What the parser never sees. */

const WhiteSpace = createToken({
  name: "WhiteSpace",
  pattern: /[ \t\r\n\f\uFEFF]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
/** `///`, but not `////`, which is a ruler. */
export const DocComment = createToken({ name: "DocComment", pattern: /\/\/\/(?!\/)[^\n\r]*/, group: "docs" });
const Comment = createToken({ name: "Comment", pattern: /\/\/[^\n\r]*/, group: Lexer.SKIPPED });

/* What another language would have here: each gets its own message. */

export const ForeignComment = createToken({
  name: "ForeignComment",
  pattern: /#[^\n\r]*|\/\*(?:[\s\S]*?\*\/|[\s\S]*)/,
  line_breaks: true,
});
export const ForeignOperator = createToken({
  name: "ForeignOperator",
  pattern: /<-{2,}>|-{2,}>|<>|=>|===|!==|:=|=~|&&?|\|\||!(?!=)/,
});
export const ForeignText = createToken({ name: "ForeignText", pattern: /'[^'\n\r]*'?|`[^`\n\r]*`?/ });
/** One run of characters that begin nothing is one mistake; control characters the lexer refuses itself. */
export const Unknown = createToken({
  name: "Unknown",
  pattern: /[%*+?@[\\\]^~\u0080-\u00BF\u0250-\u036F\u2000-\u303F\uD800-\uFEFE\uFF00-\uFFFF]+|[-;/]/,
});

/* Literals. Each takes in what was meant as one, so that a mistake is one token. */

export const Mac = createToken({
  name: "Mac",
  pattern: /[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}(?![0-9A-Za-z_:])/,
});
/** Two colons tell an IPv6 address from `field: type`, also from `dead:beef`. */
export const Ipv6 = createToken({
  name: "Ipv6",
  pattern: /[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Za-z_:.]*(?:\/[0-9A-Za-z_]*)?/,
});
export const Ipv4 = createToken({
  name: "Ipv4",
  pattern: /[0-9][0-9A-Za-z_]*\.[0-9A-Za-z_.]*(?:\/[0-9A-Za-z_]*)?/,
});
export const NumberToken = createToken({ name: "Number", pattern: /[0-9][0-9A-Za-z_]*/ });
export const Text = createToken({
  name: "Text",
  pattern: { exec: matchText },
  start_chars_hint: ['"'],
  line_breaks: false,
});

/**
 * A text to its closing quote, or to the end of its line. By hand, because a
 * regular expression with an alternative per character exhausts its stack on a
 * text of some megabytes.
 */
function matchText(source: string, offset: number): RegExpExecArray | null {
  if (source[offset] !== '"') return null;
  let end = offset + 1;
  while (end < source.length) {
    const character = source[end];
    if (character === "\n" || character === "\r") break;
    end += 1;
    if (character === '"') break;
    if (character === "\\" && end < source.length && source[end] !== "\n" && source[end] !== "\r") end += 1;
  }
  const match: RegExpExecArray = Object.assign([source.slice(offset, end)] as [string], {
    index: offset,
    input: source,
  });
  return match;
}

/** A word: a name, a keyword, or what was meant as one (`größe`). */
export const Word = createToken({
  name: "Word",
  pattern:
    /[A-Za-z_$\u00C0-\u024F\u0370-\u1FFF\u3040-\uD7FF][A-Za-z0-9_$\u00C0-\u024F\u0370-\u1FFF\u3040-\uD7FF]*/,
});

/* Punctuation. */

function punctuation(name: string, pattern: string): TokenType {
  return createToken({ name, pattern, label: `\`${pattern}\`` });
}

export const BothWays = punctuation("BothWays", "<->");
export const Arrow = punctuation("Arrow", "->");
export const Equal = punctuation("Equal", "==");
export const NotEqual = punctuation("NotEqual", "!=");
export const LessEqual = punctuation("LessEqual", "<=");
export const GreaterEqual = punctuation("GreaterEqual", ">=");
export const Less = punctuation("Less", "<");
export const Greater = punctuation("Greater", ">");
export const Assign = punctuation("Assign", "=");
export const LeftBrace = punctuation("LeftBrace", "{");
export const RightBrace = punctuation("RightBrace", "}");
export const LeftParen = punctuation("LeftParen", "(");
export const RightParen = punctuation("RightParen", ")");
export const Comma = punctuation("Comma", ",");
export const Dot = punctuation("Dot", ".");
export const Colon = punctuation("Colon", ":");
export const Pipe = punctuation("Pipe", "|");

/** In the order in which the lexer tries them: the first that matches wins. */
export const lexicalTokens: TokenType[] = [
  WhiteSpace,
  DocComment,
  Comment,
  ForeignComment,
  Mac,
  Ipv6,
  Ipv4,
  NumberToken,
  Word,
  Text,
  ForeignText,
  ForeignOperator,
  BothWays,
  Arrow,
  Equal,
  NotEqual,
  LessEqual,
  GreaterEqual,
  Less,
  Greater,
  Assign,
  LeftBrace,
  RightBrace,
  LeftParen,
  RightParen,
  Comma,
  Dot,
  Colon,
  Pipe,
  Unknown,
];

/* Words in their roles. */

function keyword(word: string): TokenType {
  const name = word.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return createToken({ name, pattern: Lexer.NA, label: `\`${word}\`` });
}

export const Name = createToken({ name: "Name", pattern: Lexer.NA, label: "a name" });
/** The word that begins a field, an option of a stack. */
export const FieldName = createToken({ name: "FieldName", pattern: Lexer.NA, label: "a field" });
export const OptionName = createToken({ name: "OptionName", pattern: Lexer.NA, label: "an option" });

export const Import = keyword("import");
export const Const = keyword("const");
export const Enum = keyword("enum");
export const Event = keyword("event");
export const Stack = keyword("stack");
export const Nf = keyword("nf");
export const Chain = keyword("chain");

export const Subscribe = keyword("subscribe");
export const Publish = keyword("publish");
export const Reads = keyword("reads");
export const Writes = keyword("writes");
export const Drops = keyword("drops");
export const Redirects = keyword("redirects");
export const Prepares = keyword("prepares");
export const State = keyword("state");
export const OnError = keyword("on_error");
export const OnOverload = keyword("on_overload");
export const Links = keyword("links");
export const Handler = keyword("handler");
export const Run = keyword("run");

export const ChainStack = createToken({ name: "ChainStack", pattern: Lexer.NA, label: "`stack`" });
export const Ports = keyword("ports");
export const PathWord = keyword("path");
export const Place = keyword("place");
export const Malformed = keyword("malformed");

export const Extends = keyword("extends");
export const TypeEnum = createToken({ name: "TypeEnum", pattern: Lexer.NA, label: "`enum`" });
export const Where = keyword("where");
export const From = keyword("from");
export const Start = keyword("start");
export const Flow = keyword("flow");
export const On = keyword("on");
export const And = keyword("and");
export const Or = keyword("or");
export const Not = keyword("not");
export const In = keyword("in");

/** Words that begin a declaration. */
export const declarationWords: ReadonlyMap<string, TokenType> = new Map([
  ["import", Import],
  ["const", Const],
  ["enum", Enum],
  ["event", Event],
  ["stack", Stack],
  ["nf", Nf],
  ["chain", Chain],
]);

/** Words that begin a member of an `nf`. */
export const nfWords: ReadonlyMap<string, TokenType> = new Map([
  ["subscribe", Subscribe],
  ["publish", Publish],
  ["reads", Reads],
  ["writes", Writes],
  ["drops", Drops],
  ["redirects", Redirects],
  ["prepares", Prepares],
  ["state", State],
  ["on_error", OnError],
  ["on_overload", OnOverload],
  ["links", Links],
  ["handler", Handler],
  ["run", Run],
]);

/** Words that begin a member of a `chain`. */
export const chainWords: ReadonlyMap<string, TokenType> = new Map([
  ["stack", ChainStack],
  ["ports", Ports],
  ["path", PathWord],
  ["place", Place],
  ["malformed", Malformed],
]);

/** Words inside declarations and members. */
export const clauseWords: ReadonlyMap<string, TokenType> = new Map([
  ["extends", Extends],
  ["where", Where],
  ["from", From],
  ["start", Start],
  ["flow", Flow],
  ["on", On],
  ["and", And],
  ["or", Or],
  ["not", Not],
  ["in", In],
]);

/** Everything that the parser is given. */
export const parserTokens: TokenType[] = [
  ...lexicalTokens.slice(lexicalTokens.indexOf(BothWays), lexicalTokens.indexOf(Unknown)),
  Mac,
  Ipv6,
  Ipv4,
  NumberToken,
  Text,
  Name,
  FieldName,
  OptionName,
  TypeEnum,
  ...declarationWords.values(),
  ...nfWords.values(),
  ...chainWords.values(),
  ...clauseWords.values(),
];

/** Where a token ends; tokens without an end are empty. */
export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}
