/**
 * The grammar of the language reference, rule by rule, LL(1). Words come in
 * their roles (`roles.ts`), so no rule has to guess. Tests are flat, two rules
 * a level of brackets: `to-ast.ts` gives `and` and `or` their precedence.
 */
import {
  type CstNode,
  CstParser,
  type IParserErrorMessageProvider,
  type IToken,
  type TokenType,
} from "chevrotain";
import * as t from "./tokens.ts";

/** What the parser could have gone on with; `messages.ts` makes a sentence of it. */
export interface Stumble {
  readonly token: IToken;
  readonly previous: IToken | undefined;
  readonly rule: string;
  readonly expected: readonly TokenType[];
}

export interface Parsed {
  readonly cst: CstNode;
  readonly stumbles: readonly Stumble[];
}

/** The expectations of the errors of the run at hand, in their order. */
let expectations: { readonly rule: string; readonly expected: readonly TokenType[] }[] = [];

const errorMessageProvider: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, ruleName }) => remember(ruleName, [expected]),
  buildNotAllInputParsedMessage: ({ ruleName }) => remember(ruleName, []),
  buildNoViableAltMessage: ({ expectedPathsPerAlt, ruleName }) =>
    remember(
      ruleName,
      expectedPathsPerAlt.flatMap((paths) => paths.flatMap((path) => path.slice(0, 1))),
    ),
  buildEarlyExitMessage: ({ expectedIterationPaths, ruleName }) =>
    remember(
      ruleName,
      expectedIterationPaths.flatMap((path) => path.slice(0, 1)),
    ),
};

/** The message of an error is the number of its expectation. */
function remember(rule: string, expected: readonly TokenType[]): string {
  return String(expectations.push({ rule, expected }) - 1);
}

class Grammar extends CstParser {
  constructor(skipValidations: boolean) {
    super(t.parserTokens, { recoveryEnabled: true, maxLookahead: 1, errorMessageProvider, skipValidations });
    this.performSelfAnalysis();
  }

  readonly file = this.RULE("file", () => {
    this.MANY(() => this.SUBRULE(this.declaration));
  });

  private readonly declaration = this.RULE("declaration", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.importDecl) },
      { ALT: () => this.SUBRULE(this.constDecl) },
      { ALT: () => this.SUBRULE(this.enumDecl) },
      { ALT: () => this.SUBRULE(this.eventDecl) },
      { ALT: () => this.SUBRULE(this.stackDecl) },
      { ALT: () => this.SUBRULE(this.nfDecl) },
      { ALT: () => this.SUBRULE(this.chainDecl) },
    ]);
  });

  private readonly importDecl = this.RULE("importDecl", () => {
    this.CONSUME(t.Import);
    this.CONSUME(t.Text);
  });

  private readonly constDecl = this.RULE("constDecl", () => {
    this.CONSUME(t.Const);
    this.CONSUME(t.Name);
    this.CONSUME(t.Assign);
    this.SUBRULE(this.value);
  });

  private readonly enumDecl = this.RULE("enumDecl", () => {
    this.CONSUME(t.Enum);
    this.CONSUME(t.Name);
    this.SUBRULE(this.nameSet);
  });

  private readonly eventDecl = this.RULE("eventDecl", () => {
    this.CONSUME(t.Event);
    this.CONSUME(t.Name);
    this.CONSUME(t.Extends);
    this.CONSUME1(t.Name, { LABEL: "parent" });
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.field));
    this.CONSUME(t.RightBrace);
  });

  private readonly field = this.RULE("field", () => {
    this.CONSUME(t.FieldName);
    this.CONSUME(t.Colon);
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Name);
          this.OPTION(() => {
            this.CONSUME(t.Less);
            this.CONSUME(t.NumberToken);
            this.CONSUME(t.Greater);
          });
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.TypeEnum);
          this.SUBRULE(this.nameSet);
        },
      },
    ]);
  });

  private readonly nameSet = this.RULE("nameSet", () => {
    this.CONSUME(t.LeftBrace);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Name) });
    this.CONSUME(t.RightBrace);
  });

  private readonly stackDecl = this.RULE("stackDecl", () => {
    this.CONSUME(t.Stack);
    this.CONSUME(t.Name);
    this.CONSUME(t.Assign);
    this.CONSUME1(t.Name, { LABEL: "stackKind" });
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.stackOption));
    this.CONSUME(t.RightBrace);
  });

  private readonly stackOption = this.RULE("stackOption", () => {
    this.CONSUME(t.OptionName);
    this.OR([{ ALT: () => this.SUBRULE(this.test) }, { ALT: () => this.SUBRULE(this.set) }]);
  });

  private readonly nfDecl = this.RULE("nfDecl", () => {
    this.CONSUME(t.Nf);
    this.CONSUME(t.Name);
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Assign);
          this.CONSUME1(t.Name, { LABEL: "instanceOf" });
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.LeftBrace);
          this.MANY(() => this.SUBRULE(this.nfPart));
          this.CONSUME(t.RightBrace);
        },
      },
    ]);
  });

  private readonly nfPart = this.RULE("nfPart", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.subscribe) },
      { ALT: () => this.SUBRULE(this.publish) },
      { ALT: () => this.SUBRULE(this.access) },
      { ALT: () => this.CONSUME(t.Drops) },
      { ALT: () => this.CONSUME(t.Redirects) },
      { ALT: () => this.CONSUME(t.Prepares) },
      { ALT: () => this.SUBRULE(this.state) },
      { ALT: () => this.SUBRULE(this.policy) },
      { ALT: () => this.SUBRULE(this.links) },
      { ALT: () => this.SUBRULE(this.handler) },
    ]);
  });

  private readonly subscribe = this.RULE("subscribe", () => {
    this.CONSUME(t.Subscribe);
    this.CONSUME(t.Name);
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.Where);
            this.SUBRULE(this.test);
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.From);
            this.CONSUME(t.Start);
            this.CONSUME(t.NumberToken);
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Arrow);
            this.AT_LEAST_ONE_SEP({
              SEP: t.Comma,
              DEF: () => this.CONSUME1(t.Name, { LABEL: "callback" }),
            });
          },
        },
      ]);
    });
  });

  private readonly publish = this.RULE("publish", () => {
    this.CONSUME(t.Publish);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Name) });
  });

  private readonly access = this.RULE("access", () => {
    this.OR([{ ALT: () => this.CONSUME(t.Reads) }, { ALT: () => this.CONSUME(t.Writes) }]);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.ref) });
  });

  private readonly state = this.RULE("state", () => {
    this.CONSUME(t.State);
    this.CONSUME(t.Flow);
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.field));
    this.CONSUME(t.RightBrace);
  });

  private readonly policy = this.RULE("policy", () => {
    this.OR([{ ALT: () => this.CONSUME(t.OnError) }, { ALT: () => this.CONSUME(t.OnOverload) }]);
    this.CONSUME(t.Name);
  });

  private readonly links = this.RULE("links", () => {
    this.CONSUME(t.Links);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Text) });
  });

  private readonly handler = this.RULE("handler", () => {
    this.OR([{ ALT: () => this.CONSUME(t.Handler) }, { ALT: () => this.CONSUME(t.Run) }]);
    this.CONSUME(t.Text);
  });

  private readonly chainDecl = this.RULE("chainDecl", () => {
    this.CONSUME(t.Chain);
    this.CONSUME(t.Name);
    this.CONSUME(t.LeftBrace);
    this.MANY(() => this.SUBRULE(this.chainPart));
    this.CONSUME(t.RightBrace);
  });

  private readonly chainPart = this.RULE("chainPart", () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.ChainStack);
          this.CONSUME(t.Name);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Ports);
          this.CONSUME1(t.Name);
          this.OPTION(() => {
            this.CONSUME(t.BothWays);
            this.CONSUME2(t.Name);
          });
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.PathWord);
          this.SUBRULE(this.path);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Place);
          this.CONSUME3(t.Name);
          this.CONSUME(t.On);
          this.CONSUME(t.NumberToken);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Malformed);
          this.CONSUME4(t.Name);
        },
      },
    ]);
  });

  private readonly path = this.RULE("path", () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Arrow, DEF: () => this.SUBRULE(this.step) });
  });

  private readonly step = this.RULE("step", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Name) },
      {
        ALT: () => {
          this.CONSUME(t.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: t.Pipe, DEF: () => this.SUBRULE(this.path) });
          this.CONSUME(t.RightParen);
        },
      },
    ]);
  });

  private readonly test = this.RULE("test", () => {
    this.SUBRULE1(this.term);
    this.MANY(() => {
      this.OR([{ ALT: () => this.CONSUME(t.And) }, { ALT: () => this.CONSUME(t.Or) }]);
      this.SUBRULE2(this.term);
    });
  });

  private readonly term = this.RULE("term", () => {
    this.MANY(() => this.CONSUME(t.Not));
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.LeftParen);
          this.SUBRULE(this.test);
          this.CONSUME(t.RightParen);
        },
      },
      {
        ALT: () => {
          this.SUBRULE(this.operand);
          this.OPTION(() => this.SUBRULE(this.comparison));
        },
      },
    ]);
  });

  private readonly comparison = this.RULE("comparison", () => {
    this.OR([
      {
        ALT: () => {
          this.OR1([
            { ALT: () => this.CONSUME(t.Equal) },
            { ALT: () => this.CONSUME(t.NotEqual) },
            { ALT: () => this.CONSUME(t.Less) },
            { ALT: () => this.CONSUME(t.LessEqual) },
            { ALT: () => this.CONSUME(t.Greater) },
            { ALT: () => this.CONSUME(t.GreaterEqual) },
          ]);
          this.SUBRULE(this.operand);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.In);
          this.SUBRULE(this.value);
        },
      },
    ]);
  });

  private readonly value = this.RULE("value", () => {
    this.OR([{ ALT: () => this.SUBRULE(this.operand) }, { ALT: () => this.SUBRULE(this.set) }]);
  });

  private readonly set = this.RULE("set", () => {
    this.CONSUME(t.LeftBrace);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.operand) });
    this.CONSUME(t.RightBrace);
  });

  private readonly operand = this.RULE("operand", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.NumberToken) },
      { ALT: () => this.CONSUME(t.Text) },
      { ALT: () => this.CONSUME(t.Ipv4) },
      { ALT: () => this.CONSUME(t.Ipv6) },
      { ALT: () => this.CONSUME(t.Mac) },
      { ALT: () => this.SUBRULE(this.ref) },
    ]);
  });

  private readonly ref = this.RULE("ref", () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Dot, DEF: () => this.CONSUME(t.Name) });
  });
}

/** The same at every start, so a test validates it and a start does not. */
const grammar = new Grammar(true);

/** Throws where the grammar is ambiguous, left-recursive or refers to what it has not. */
export function validateGrammar(): void {
  new Grammar(false);
}

/** Tokens in their roles to a concrete tree, and where the parser stumbled. */
export function parseTokens(tokens: readonly IToken[]): Parsed {
  expectations = [];
  grammar.input = [...tokens];
  const cst = withoutStacks(() => grammar.file());
  const stumbles = grammar.errors.map((error) => {
    const { rule, expected } = expectations[Number(error.message)] ?? { rule: "file", expected: [] };
    const previous = "previousToken" in error ? (error.previousToken as IToken | undefined) : undefined;
    return { token: error.token, previous, rule, expected };
  });
  grammar.input = [];
  expectations = [];
  return { cst, stumbles };
}

/** Stumbles are no faults of the program: where it stood costs more than all else, and nobody asks. */
function withoutStacks<T>(run: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
