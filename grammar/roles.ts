/**
 * Gives each word the role that its place wants, and gives the parser brackets
 * that balance. Here lies what a person sees at a glance and a grammar does not:
 * that a line begins a member, that a declaration begins although a brace is
 * still open, that `evnt` was meant as `event`. What is found wrong here is
 * said here and repaired, so that the parser does not trip over it again.
 */
import { createTokenInstance, type IToken, type TokenType } from "chevrotain";
import { type Bracket, type BracketKind, createBrackets, NESTING_LIMIT } from "./brackets.ts";
import { operatorMeant, operatorProblem } from "./foreign.ts";
import { retype } from "./lexer.ts";
import { describeArgument, describeFound } from "./messages.ts";
import type { SyntaxProblem } from "./problem.ts";
import * as t from "./tokens.ts";

/** Finds the name that was probably meant; the compiler lends its own. */
export type Nearest = (name: string, candidates: Iterable<string>) => string | undefined;

export interface Roles {
  /** Balanced, in their roles, for the parser. */
  readonly tokens: readonly IToken[];
  readonly problems: readonly SyntaxProblem[];
  /** Where each member or declaration begins: a mistake is reported once in each. */
  readonly segments: readonly number[];
}

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
]);
const memberWords: ReadonlySet<TokenType> = new Set([...t.nfWords.values(), ...t.chainWords.values()]);
const beforeNot: ReadonlySet<TokenType> = new Set([t.Where, t.And, t.Or, t.Not, t.LeftParen, t.OptionName]);
const beginsOperand: ReadonlySet<TokenType> = new Set([
  t.Word,
  t.NumberToken,
  t.Text,
  t.Ipv4,
  t.Ipv6,
  t.Mac,
  t.LeftParen,
]);
const bodyKinds: ReadonlyMap<TokenType, BracketKind> = new Map<TokenType, BracketKind>([
  [t.Event, "fields"],
  [t.Stack, "options"],
  [t.Nf, "nf"],
  [t.Chain, "chain"],
]);
/** Clauses of a subscription, in their order. */
const clauseOrder = ["where", "from", "->"];

export function assignRoles(input: readonly IToken[], nearest: Nearest): Roles {
  return new RoleReader(input, nearest).read();
}

class RoleReader {
  private readonly input: readonly IToken[];
  private readonly nearest: Nearest;
  private readonly tokens: IToken[] = [];
  private readonly problems: SyntaxProblem[] = [];
  private readonly segments: number[] = [0];
  private readonly brackets = createBrackets();
  private index = 0;
  /** The declaration that is being read, and what is known of it. */
  private declaration: TokenType | undefined;
  private declarationName = "";
  private headerLength = 0;
  private hasBody = false;
  private hasAssign = false;
  private member: TokenType | undefined;
  private lastClause = -1;
  private nots = 0;
  private tooDeepSaid = false;
  /** Depth of the body in which tokens are left out until something begins. */
  private skipping: number | undefined;

  constructor(input: readonly IToken[], nearest: Nearest) {
    this.input = input;
    this.nearest = nearest;
  }

  read(): Roles {
    for (; this.index < this.input.length; this.index++) {
      const token = this.input[this.index];
      if (token !== undefined) this.readToken(token);
    }
    this.closeAll();
    return { tokens: this.tokens, problems: this.problems, segments: this.segments };
  }

  private readToken(token: IToken): void {
    if (token.tokenType === t.Word && this.beginsSomething(token)) return;
    if (this.skipping !== undefined && this.skip(token)) return;
    if (this.openMissingBody(token)) return this.readToken(token);
    if (this.brackets.open.length === 0 && this.refuseStray(token)) return;
    switch (token.tokenType) {
      case t.Word:
        return this.readWord(token);
      case t.LeftBrace:
        return this.open(token, this.braceKind());
      case t.LeftParen:
        return this.open(token, "group");
      case t.RightBrace:
        return this.closeBrace(token);
      case t.RightParen:
        return this.closeGroup(token);
      case t.ForeignOperator:
        return this.readForeign(token);
      default:
        return this.readPunctuation(token);
    }
  }

  /* Declarations and members. */

  private beginsSomething(token: IToken): boolean {
    const declaration = t.declarationWords.get(token.image);
    if (declaration !== undefined && this.beginsDeclaration(token)) {
      this.closeAll(token);
      this.beginDeclaration(token, declaration);
      return true;
    }
    for (let depth = this.brackets.open.length; depth > 0; depth--) {
      const bracket = this.brackets.open[depth - 1];
      if (bracket === undefined || bracket.kind === "group") {
        // Only the body around groups is of interest: look there at once.
        if (!this.isLineFirst(token)) return false;
        const body = this.bodyDepth();
        if (body === 0) return false;
        depth = body + 1;
        continue;
      }
      if (bracket.kind === "set") {
        if (!this.isLineFirst(token)) return false;
        continue;
      }
      const role = this.itemRole(token, bracket, depth);
      if (role === undefined) {
        if (!this.isLineFirst(token)) return false;
        continue;
      }
      this.closeDownTo(depth, token);
      this.beginMember(token, role);
      return true;
    }
    return false;
  }

  /** Depth of the innermost body; groups beyond the limit are many, bodies are few. */
  private bodyDepth(): number {
    let depth = Math.min(this.brackets.open.length, NESTING_LIMIT + 1);
    while (depth > 0) {
      const kind = this.brackets.open[depth - 1]?.kind;
      if (kind !== "group" && kind !== "set") return depth;
      depth -= 1;
    }
    return 0;
  }

  private beginsDeclaration(token: IToken): boolean {
    const first = this.isLineFirst(token);
    if (this.brackets.open.length === 0) {
      const complete = this.previousCompletes() || this.tokens.length === 0 || this.skipping !== undefined;
      return (complete && !this.inHeader(token)) || (first && this.looksLikeDeclaration(token.image));
    }
    return first && this.looksLikeDeclaration(token.image);
  }

  /** `extends event`: the name of something may be a keyword. */
  private inHeader(token: IToken): boolean {
    const next = this.input[this.index + 1]?.tokenType;
    const complete =
      this.declaration === undefined || this.hasBody || this.hasAssign || this.headerLength > 1;
    return !complete && token.tokenType === t.Word && next !== t.Word && next !== t.Text;
  }

  private looksLikeDeclaration(word: string): boolean {
    const [next, second] = [this.input[this.index + 1], this.input[this.index + 2]];
    switch (word) {
      case "import":
        return next?.tokenType === t.Text;
      case "event":
        return (
          next?.tokenType === t.Word && (second?.image === "extends" || second?.tokenType === t.LeftBrace)
        );
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

  private beginDeclaration(token: IToken, type: TokenType): void {
    this.declaration = type;
    const name = this.input[this.index + 1];
    this.declarationName = name?.tokenType === t.Word ? `\`${name.image}\`` : "";
    this.headerLength = 0;
    this.hasBody = false;
    this.hasAssign = false;
    this.member = undefined;
    this.skipping = undefined;
    this.segments.push(token.startOffset);
    this.emit(token, type);
  }

  private beginMember(token: IToken, type: TokenType): void {
    this.member = type;
    this.lastClause = -1;
    this.skipping = undefined;
    this.segments.push(token.startOffset);
    this.emit(token, type);
  }

  /** The role in which a word begins an item of the bracket at `depth`, if it does. */
  private itemRole(token: IToken, bracket: Bracket, depth: number): TokenType | undefined {
    const inside = depth === this.brackets.open.length;
    switch (bracket.kind) {
      case "nf":
        return this.memberRole(token, t.nfWords, inside);
      case "chain":
        return this.memberRole(token, t.chainWords, inside);
      case "options":
        return this.beginsOption(token, inside) ? t.OptionName : undefined;
      case "fields":
        return this.beginsField(token, inside, depth) ? t.FieldName : undefined;
      default:
        return undefined;
    }
  }

  private memberRole(
    token: IToken,
    words: ReadonlyMap<string, TokenType>,
    inside: boolean,
  ): TokenType | undefined {
    const role = words.get(token.image);
    const first = this.isLineFirst(token);
    const fresh = this.previous()?.tokenType === t.LeftBrace || this.previousCompletes();
    if (!inside) return first && this.isNoListItem() ? role : undefined;
    if (role !== undefined) return first || fresh || this.skipping !== undefined ? role : undefined;
    if (this.skipping !== undefined || !fresh || t.clauseWords.has(token.image)) return undefined;
    if (!first && this.previous()?.tokenType !== t.LeftBrace) return undefined;
    return this.repairMember(token, words);
  }

  /** Inside a set or a group, a word on its own line may also be one of its names. */
  private isNoListItem(): boolean {
    const next = this.input[this.index + 1]?.tokenType;
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

  private repairMember(token: IToken, words: ReadonlyMap<string, TokenType>): TokenType | undefined {
    const owner = this.declaration === t.Nf ? "a network function" : "a chain";
    const meant = this.nearest(token.image, words.keys());
    const place = { start: token.startOffset, end: t.endOf(token) };
    this.problems.push({
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
      this.segments.push(token.startOffset);
      this.skipping = this.brackets.open.length;
    }
    return role;
  }

  /** A word after a complete value, or one that begins a line and has a value after it. */
  private beginsOption(token: IToken, inside: boolean): boolean {
    if (["and", "or", "in", "not"].includes(token.image.toLowerCase())) return false;
    if (inside && (this.previous()?.tokenType === t.LeftBrace || this.previousCompletes())) return true;
    const next = this.input[this.index + 1];
    if (next === undefined || !this.isLineFirst(token) || next.startLine !== token.endLine) return false;
    if (["and", "or", "in"].includes(next.image)) return false;
    return beginsOperand.has(next.tokenType) && (inside || this.previousCompletes());
  }

  private beginsField(token: IToken, inside: boolean, depth: number): boolean {
    const colon = this.input[this.index + 1]?.tokenType === t.Colon;
    const previous = this.previous()?.tokenType;
    if (colon) return inside || this.isLineFirst(token);
    if (!inside || previous === t.Colon) return false;
    if (depth > 1 && this.isLineFirst(token) && t.nfWords.has(token.image)) return false;
    return this.isLineFirst(token) || previous === t.LeftBrace;
  }

  /** Leaves out what stands in a part that nobody understands. */
  private skip(token: IToken): boolean {
    const depth = this.skipping ?? 0;
    const { open } = this.brackets;
    if (token.tokenType === t.LeftBrace || token.tokenType === t.LeftParen) {
      const kind = token.tokenType === t.LeftParen ? "group" : "set";
      this.brackets.push({ kind, token, owner: "", seen: false });
      return true;
    }
    if (token.tokenType === t.RightBrace || token.tokenType === t.RightParen) {
      if (open.length > depth) {
        this.brackets.pop();
        return true;
      }
      if (depth === 0) return true;
      this.skipping = undefined;
      return false;
    }
    return true;
  }

  /** `nf dpi` and then a member: the brace between them is missing. */
  private openMissingBody(token: IToken): boolean {
    if (this.brackets.open.length > 0 || this.hasBody || this.declaration === undefined) return false;
    const kind = bodyKinds.get(this.declaration);
    const previous = this.previous();
    if (kind === undefined || previous === undefined || this.headerLength < 2) return false;
    if (this.declaration === t.Nf && this.hasAssign) return false;
    if (token.tokenType !== t.Word || !this.isLineFirst(token) || !this.previousCompletes()) return false;
    const end = t.endOf(previous);
    this.problems.push({
      code: "MBX1005",
      start: end,
      end,
      params: { expected: "`{`", found: describeFound(token) },
      help: { message: "open the body", fix: { start: end, end, text: " {" } },
    });
    this.open(virtual(t.LeftBrace, previous), kind);
    return true;
  }

  /** Between declarations only a declaration may begin. */
  private refuseStray(token: IToken): boolean {
    if (token.tokenType === t.RightBrace || token.tokenType === t.RightParen) return false;
    const expectsBody = this.declaration !== undefined && bodyKinds.has(this.declaration);
    const valued = this.hasAssign || this.declaration === t.Import;
    const complete =
      this.declaration === undefined ||
      this.hasBody ||
      (valued && !(expectsBody && this.declaration !== t.Nf) && this.previousCompletes());
    if (!complete) return false;
    if (!this.hasBody && this.declaration !== undefined && !this.isLineFirst(token)) return false;
    this.refuseDeclaration(token);
    return true;
  }

  private refuseDeclaration(token: IToken): void {
    const place = { start: token.startOffset, end: t.endOf(token) };
    if (token.tokenType !== t.Word) {
      this.problems.push({
        code: "MBX1005",
        ...place,
        params: { expected: "a declaration", found: describeFound(token) },
      });
      this.skipDeclaration(token);
      return;
    }
    const meant =
      foreignDeclarations.get(token.image.toLowerCase()) ??
      this.nearest(token.image, t.declarationWords.keys());
    this.problems.push({
      code: "MBX1008",
      ...place,
      params: { word: token.image },
      ...(meant === undefined
        ? {}
        : { help: { message: `did you mean \`${meant}\`?`, fix: { ...place, text: meant } } }),
    });
    const type = meant === undefined ? undefined : t.declarationWords.get(meant);
    if (type === undefined) this.skipDeclaration(token);
    else this.beginDeclaration(token, type);
  }

  private skipDeclaration(token: IToken): void {
    this.segments.push(token.startOffset);
    this.declaration = undefined;
    this.hasBody = false;
    this.hasAssign = false;
    this.skipping = 0;
    if (token.tokenType === t.LeftBrace || token.tokenType === t.LeftParen) this.skip(token);
  }

  /* Brackets. */

  private braceKind(): BracketKind {
    const top = this.brackets.open.at(-1);
    if (top === undefined) {
      return this.declaration === undefined || this.hasBody
        ? "set"
        : (bodyKinds.get(this.declaration) ?? "set");
    }
    return top.kind === "nf" && this.member === t.State ? "fields" : "set";
  }

  private open(token: IToken, kind: BracketKind): void {
    const deep = this.brackets.open.length + this.nots >= NESTING_LIMIT;
    if (deep) this.refuseDepth(token);
    if (this.brackets.open.length === 0 && kind !== "group") this.hasBody = true;
    const owner = this.brackets.open.length === 0 ? this.declarationName : "";
    if (!deep) this.emit(token, token.tokenType);
    this.brackets.push({ kind, token, owner, seen: !deep });
  }

  private refuseDepth(token: IToken): void {
    if (this.tooDeepSaid) return;
    this.tooDeepSaid = true;
    const place = { start: token.startOffset, end: t.endOf(token) };
    this.problems.push({ code: "MBX1007", ...place, params: { limit: NESTING_LIMIT } });
  }

  private closeBrace(token: IToken): void {
    if (this.brackets.braces() === 0) return this.refuseCloser(token);
    const inner = this.brackets.open.at(-1);
    if (inner?.kind === "group") this.sayUnclosed(inner);
    while (this.brackets.open.at(-1)?.kind === "group") this.closeTop();
    this.close(token);
    if (this.brackets.open.length === 0) this.member = undefined;
  }

  private closeGroup(token: IToken): void {
    if (this.brackets.open.at(-1)?.kind !== "group") return this.refuseCloser(token);
    this.close(token);
  }

  private close(token: IToken): void {
    const bracket = this.brackets.pop();
    if (bracket?.seen === true) this.emit(token, token.tokenType);
  }

  /** Closes the innermost bracket where its closer is missing. */
  private closeTop(): void {
    const bracket = this.brackets.pop();
    const previous = this.previous();
    if (bracket?.seen !== true || previous === undefined) return;
    const type = bracket.kind === "group" ? t.RightParen : t.RightBrace;
    this.tokens.push(virtual(type, previous));
  }

  private refuseCloser(token: IToken): void {
    // A declaration whose brace is missing: the parser says so where it is missing.
    const bodyMissing = this.declaration !== undefined && bodyKinds.has(this.declaration) && !this.hasBody;
    if (bodyMissing && token.tokenType === t.RightBrace && this.brackets.open.length === 0) {
      this.hasBody = true;
      return;
    }
    const place = { start: token.startOffset, end: t.endOf(token) };
    this.problems.push({ code: "MBX1015", ...place, params: { closer: token.image } });
  }

  /** What begins here ends what is open above `depth`. */
  private closeDownTo(depth: number, next?: IToken): void {
    const bracket = this.brackets.open[depth];
    if (bracket !== undefined) this.sayUnclosed(bracket, next);
    while (this.brackets.open.length > depth) this.closeTop();
  }

  private closeAll(next?: IToken): void {
    this.closeDownTo(0, next);
  }

  private sayUnclosed(bracket: Bracket, next?: IToken): void {
    const [opener, closer] = bracket.kind === "group" ? ["(", ")"] : ["{", "}"];
    const previous = this.previous();
    const end = previous === undefined ? bracket.token.startOffset : t.endOf(previous);
    const start = bracket.token.startOffset;
    this.problems.push({
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
        fix: { start: end, end, text: bracket.owner === "" ? ` ${closer}` : `\n${closer}` },
      },
    });
  }

  /* Words and signs inside members. */

  private readWord(token: IToken): void {
    this.emit(token, this.clauseRole(token) ?? t.Name);
  }

  private clauseRole(token: IToken): TokenType | undefined {
    const previous = this.previous()?.tokenType;
    const word = token.image.toLowerCase();
    const role = this.roleOfClause(word, previous);
    if (role === undefined || word === token.image) return role;
    if (role === t.TypeEnum || role === t.Flow) return undefined;
    this.problems.push(operatorProblem(token, word));
    return role;
  }

  private roleOfClause(word: string, previous: TokenType | undefined): TokenType | undefined {
    if (word === "enum") return previous === t.Colon ? t.TypeEnum : undefined;
    if (word === "flow") return previous === t.State ? t.Flow : undefined;
    if (word === "start") return previous === t.From ? t.Start : undefined;
    if (word === "not") return this.beginsNot(previous) ? t.Not : undefined;
    if (!this.previousCompletes()) return undefined;
    switch (word) {
      case "extends":
        return this.declaration === t.Event && !this.hasBody ? t.Extends : undefined;
      case "on":
        return this.member === t.Place ? t.On : undefined;
      case "where":
      case "from":
        return this.member === t.Subscribe ? this.clause(word) : undefined;
      case "and":
      case "or":
      case "in":
        return this.member === t.Subscribe || this.member === t.OptionName
          ? t.clauseWords.get(word)
          : undefined;
      default:
        return undefined;
    }
  }

  private beginsNot(previous: TokenType | undefined): boolean {
    const tests = this.member === t.Subscribe || this.member === t.OptionName;
    return tests && previous !== undefined && beforeNot.has(previous);
  }

  /** Says when a clause of a subscription comes too late. */
  private clause(word: string): TokenType | undefined {
    const rank = clauseOrder.indexOf(word);
    const token = this.input[this.index];
    if (token !== undefined && rank <= this.lastClause) {
      const before = clauseOrder[this.lastClause] ?? word;
      const place = { start: token.startOffset, end: t.endOf(token) };
      this.problems.push({
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
    this.lastClause = rank;
    return t.clauseWords.get(word);
  }

  private readForeign(token: IToken): void {
    const meant = operatorMeant(token.image);
    if (meant === undefined) return;
    const pipe = token.image === "||" && this.member === t.PathWord;
    const word = pipe ? "|" : meant.word;
    this.problems.push(operatorProblem(token, word));
    const role = pipe ? t.Pipe : meant.type;
    if (role === t.Not && !this.beginsNot(this.previous()?.tokenType)) return;
    this.emit(token, role);
  }

  private readPunctuation(token: IToken): void {
    const { tokenType } = token;
    const depth = this.brackets.open.length;
    if (tokenType === t.Assign) return this.readAssign(token);
    if (tokenType === t.Colon && this.brackets.open.at(-1)?.kind !== "fields") return this.readColon(token);
    if (tokenType === t.Comma && depth > 0 && this.brackets.open.at(-1)?.kind === "fields") {
      return this.refuse(token, "the next field", "fields stand below one another, without commas");
    }
    if (tokenType === t.Arrow && this.member === t.Subscribe) this.clause("->");
    this.emit(token, tokenType);
  }

  private readAssign(token: IToken): void {
    const top = this.brackets.open.at(-1);
    const previous = this.previous()?.tokenType;
    if (top === undefined) {
      this.hasAssign = true;
      return this.emit(token, t.Assign);
    }
    if (top.kind === "fields") {
      this.problems.push(operatorProblem(token, ":"));
      return this.emit(token, t.Colon);
    }
    if (previous !== undefined && (memberWords.has(previous) || previous === t.OptionName)) {
      return this.refuse(token, describeArgument(previous), "leave out the `=`");
    }
    if (this.member === t.Subscribe || this.member === t.OptionName) {
      this.problems.push(operatorProblem(token, "=="));
      return this.emit(token, t.Equal);
    }
    this.emit(token, t.Assign);
  }

  private readColon(token: IToken): void {
    const previous = this.previous()?.tokenType;
    if (previous !== undefined && (memberWords.has(previous) || previous === t.OptionName)) {
      return this.refuse(token, describeArgument(previous), "leave out the `:`");
    }
    const named = this.declaration === t.Const || this.declaration === t.Stack;
    if (this.brackets.open.length === 0 && named && !this.hasAssign) {
      this.problems.push(operatorProblem(token, "="));
      this.hasAssign = true;
      return this.emit(token, t.Assign);
    }
    this.emit(token, t.Colon);
  }

  /** Says that something else was due, and leaves the token out. */
  private refuse(token: IToken, expected: string, help: string): void {
    const place = { start: token.startOffset, end: t.endOf(token) };
    this.problems.push({
      code: "MBX1005",
      ...place,
      params: { expected, found: describeFound(token) },
      help: { message: help, fix: { ...place, text: "" } },
    });
  }

  /* Where we are. */

  private previous(): IToken | undefined {
    return this.tokens.at(-1);
  }

  private previousCompletes(): boolean {
    const previous = this.previous();
    return previous !== undefined && completes.has(previous.tokenType);
  }

  private isLineFirst(token: IToken): boolean {
    const before = this.input[this.index - 1];
    if (before === undefined || before.endLine === undefined || token.startLine === undefined) return true;
    return token.startLine > before.endLine;
  }

  private emit(token: IToken, type: TokenType): void {
    if (type === t.Not) {
      if (this.brackets.open.length + this.nots >= NESTING_LIMIT) return this.refuseDepth(token);
      this.nots += 1;
    } else if (type !== t.LeftParen) this.nots = 0;
    retype(token, type);
    this.tokens.push(token);
    if (this.brackets.open.length === 0) this.headerLength += 1;
  }
}

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

/** A token that stands nowhere in the text, just after another. */
function virtual(type: TokenType, after: IToken): IToken {
  const end = t.endOf(after);
  const [line, column] = [after.endLine ?? 1, after.endColumn ?? 1];
  return createTokenInstance(type, "", end, end, line, line, column, column);
}
