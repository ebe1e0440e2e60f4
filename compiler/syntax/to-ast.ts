/**
 * Concrete tree to syntax tree. What is broken is left out, and what holds it
 * is marked incomplete, so that no rule complains of a part that is there but
 * could not be read.
 */
import type { CstNode } from "chevrotain";
import type {
  ChainPart,
  Declaration,
  FieldDecl,
  Name,
  NfPart,
  Path,
  PathStep,
  SetLiteral,
  Span,
  StackOption,
  SubscribePart,
  Test,
  TypeNode,
} from "./ast.ts";
import { extent, nameOf, node, nodes, spanOf, token, tokenSpan, tokens } from "./cst.ts";
import { numberOf, refOf, setOf, testOf, textOf, valueFrom } from "./tests-to-ast.ts";

type Maybe<T> = T | undefined;

/** What the tree alone does not say. */
export interface AstContext {
  readonly file: string;
  /** The `///` comment before the token at an offset. */
  readonly docAt: (offset: number) => string;
  /** Whether something was found wrong between two offsets. */
  readonly isBroken: (start: number, end: number) => boolean;
}

interface Base {
  readonly span: Span;
  readonly doc: string;
  readonly incomplete?: true;
}

export function declarationsOf(context: AstContext, file: CstNode): readonly Declaration[] {
  return nodes(file, "declaration").flatMap((tree) => declarationOf(context, tree) ?? []);
}

function declarationOf(context: AstContext, tree: CstNode): Maybe<Declaration> {
  const [inner] = Object.values(tree.children).flat();
  if (inner === undefined || !("children" in inner)) return undefined;
  switch (inner.name) {
    case "importDecl":
      return importOf(context, inner);
    case "constDecl":
      return constOf(context, inner);
    case "enumDecl":
      return enumOf(context, inner);
    case "eventDecl":
      return eventOf(context, inner);
    case "stackDecl":
      return stackOf(context, inner);
    case "nfDecl":
      return nfOf(context, inner);
    case "chainDecl":
      return chainOf(context, inner);
    default:
      return undefined;
  }
}

function baseOf(context: AstContext, tree: CstNode): Base {
  const span = spanOf(context.file, tree);
  const broken = tree.recoveredNode === true || context.isBroken(span.start, span.end);
  return { span, doc: context.docAt(span.start), ...(broken ? { incomplete: true } : {}) };
}

function importOf(context: AstContext, tree: CstNode): Maybe<Declaration> {
  const path = textOf(context.file, token(tree, "Text"));
  return path === undefined ? undefined : { kind: "import", ...baseOf(context, tree), path };
}

function constOf(context: AstContext, tree: CstNode): Maybe<Declaration> {
  const name = nameOf(context.file, token(tree, "Name"));
  const value = valueFrom(context.file, node(tree, "value"));
  if (name === undefined || value === undefined) return undefined;
  return { kind: "const", ...baseOf(context, tree), name, value };
}

function enumOf(context: AstContext, tree: CstNode): Maybe<Declaration> {
  const name = nameOf(context.file, token(tree, "Name"));
  if (name === undefined) return undefined;
  return { kind: "enum", ...baseOf(context, tree), name, members: membersOf(context, node(tree, "nameSet")) };
}

function membersOf(context: AstContext, tree: CstNode | undefined): readonly Name[] {
  if (tree === undefined) return [];
  return tokens(tree, "Name").flatMap((name) => nameOf(context.file, name) ?? []);
}

function eventOf(context: AstContext, tree: CstNode): Maybe<Declaration> {
  const name = nameOf(context.file, token(tree, "Name"));
  const parent = nameOf(context.file, token(tree, "parent"));
  if (name === undefined || parent === undefined) return undefined;
  return { kind: "event", ...baseOf(context, tree), name, parent, fields: fieldsOf(context, tree) };
}

function fieldsOf(context: AstContext, tree: CstNode): readonly FieldDecl[] {
  return nodes(tree, "field").flatMap((field) => fieldOf(context, field) ?? []);
}

function fieldOf(context: AstContext, tree: CstNode): Maybe<FieldDecl> {
  const name = nameOf(context.file, token(tree, "FieldName"));
  const type = typeOf(context, tree);
  if (name === undefined || type === undefined) return undefined;
  return { kind: "field", ...baseOf(context, tree), name, type };
}

function typeOf(context: AstContext, tree: CstNode): Maybe<TypeNode> {
  const { file } = context;
  const set = node(tree, "nameSet");
  const word = token(tree, "TypeEnum");
  if (set !== undefined && word !== undefined) {
    const end = extent(set)?.end ?? tokenSpan(file, word).end;
    return {
      kind: "type-enum",
      members: membersOf(context, set),
      span: { file, start: word.startOffset, end },
    };
  }
  const name = nameOf(file, token(tree, "Name"));
  if (name === undefined) return undefined;
  const closing = token(tree, "Greater");
  const size = numberOf(file, token(tree, "Number"));
  if (token(tree, "Less") !== undefined && (size === undefined || closing === undefined)) return undefined;
  const end = closing === undefined ? name.span.end : tokenSpan(file, closing).end;
  const span = { file, start: name.span.start, end };
  return { kind: "type-name", name, ...(size === undefined ? {} : { size }), span };
}

function stackOf(context: AstContext, tree: CstNode): Maybe<Declaration> {
  const name = nameOf(context.file, token(tree, "Name"));
  const stackKind = nameOf(context.file, token(tree, "stackKind"));
  if (name === undefined || stackKind === undefined) return undefined;
  const options = nodes(tree, "stackOption").flatMap((option) => optionOf(context, option) ?? []);
  return { kind: "stack", ...baseOf(context, tree), name, stackKind, options };
}

function optionOf(context: AstContext, tree: CstNode): Maybe<StackOption> {
  const name = nameOf(context.file, token(tree, "OptionName"));
  const set = node(tree, "set");
  const value = set === undefined ? wholeTest(context, node(tree, "test")) : wholeSet(context, set);
  if (name === undefined || value === undefined) return undefined;
  return { kind: "option", name, value, span: spanOf(context.file, tree) };
}

/** A test of which nothing is broken: half a filter would filter something else. */
function wholeTest(context: AstContext, tree: CstNode | undefined): Maybe<Test> {
  const place = tree === undefined ? undefined : extent(tree);
  if (place === undefined || context.isBroken(place.start, place.end)) return undefined;
  return testOf(context.file, tree);
}

function wholeSet(context: AstContext, tree: CstNode): Maybe<SetLiteral> {
  const place = extent(tree);
  if (place === undefined || context.isBroken(place.start, place.end)) return undefined;
  return setOf(context.file, tree);
}

function nfOf(context: AstContext, tree: CstNode): Maybe<Declaration> {
  const name = nameOf(context.file, token(tree, "Name"));
  if (name === undefined) return undefined;
  const instanceOf = nameOf(context.file, token(tree, "instanceOf"));
  const parts = nodes(tree, "nfPart").flatMap((part) => nfPartOf(context, part) ?? []);
  const base = baseOf(context, tree);
  return { kind: "nf", ...base, name, ...(instanceOf === undefined ? {} : { instanceOf }), parts };
}

function nfPartOf(context: AstContext, tree: CstNode): Maybe<NfPart> {
  const span = spanOf(context.file, tree);
  if (token(tree, "Drops") !== undefined) return { kind: "drops", span };
  if (token(tree, "Redirects") !== undefined) return { kind: "redirects", span };
  if (token(tree, "Prepares") !== undefined) return { kind: "prepares", span };
  const subscribe = node(tree, "subscribe");
  if (subscribe !== undefined) return subscribeOf(context, subscribe, span);
  const publish = node(tree, "publish");
  if (publish !== undefined) {
    const events = tokens(publish, "Name").flatMap((event) => nameOf(context.file, event) ?? []);
    return events.length === 0 ? undefined : { kind: "publish", events, span };
  }
  const access = node(tree, "access");
  if (access !== undefined) {
    const refs = nodes(access, "ref").flatMap((ref) => refOf(context.file, ref) ?? []);
    if (refs.length === 0) return undefined;
    return { kind: token(access, "Reads") === undefined ? "writes" : "reads", refs, span };
  }
  const state = node(tree, "state");
  if (state !== undefined) return { kind: "state", fields: fieldsOf(context, state), span };
  return otherPartOf(context, tree, span);
}

function otherPartOf(context: AstContext, tree: CstNode, span: Span): Maybe<NfPart> {
  const policy = node(tree, "policy");
  if (policy !== undefined) {
    const word = nameOf(context.file, token(policy, "Name"));
    if (word === undefined) return undefined;
    return { kind: token(policy, "OnError") === undefined ? "on_overload" : "on_error", policy: word, span };
  }
  const links = node(tree, "links");
  if (links !== undefined) {
    const libraries = tokens(links, "Text").flatMap((text) => textOf(context.file, text) ?? []);
    return libraries.length === 0 ? undefined : { kind: "links", libraries, span };
  }
  const handler = node(tree, "handler");
  if (handler === undefined) return undefined;
  const text = textOf(context.file, token(handler, "Text"));
  if (text === undefined) return undefined;
  if (token(handler, "Handler") !== undefined) return { kind: "handler", path: text, span };
  return { kind: "run", command: text, span };
}

function subscribeOf(context: AstContext, tree: CstNode, span: Span): Maybe<SubscribePart> {
  const event = nameOf(context.file, token(tree, "Name"));
  if (event === undefined) return undefined;
  const where = wholeTest(context, node(tree, "test"));
  const fromStart = numberOf(context.file, token(tree, "Number"));
  const callbacks = tokens(tree, "callback").flatMap((callback) => nameOf(context.file, callback) ?? []);
  return {
    kind: "subscribe",
    event,
    ...(where === undefined ? {} : { where }),
    ...(fromStart === undefined ? {} : { fromStart }),
    callbacks,
    span,
  };
}

function chainOf(context: AstContext, tree: CstNode): Maybe<Declaration> {
  const name = nameOf(context.file, token(tree, "Name"));
  if (name === undefined) return undefined;
  const parts = nodes(tree, "chainPart").flatMap((part) => chainPartOf(context, part) ?? []);
  return { kind: "chain", ...baseOf(context, tree), name, parts };
}

function chainPartOf(context: AstContext, tree: CstNode): Maybe<ChainPart> {
  const { file } = context;
  const span = spanOf(file, tree);
  const [first, second] = tokens(tree, "Name").flatMap((name) => nameOf(file, name) ?? []);
  if (token(tree, "Path") !== undefined) {
    const path = pathOf(context, node(tree, "path"));
    return path === undefined ? undefined : { kind: "path", path, span };
  }
  if (first === undefined) return undefined;
  if (token(tree, "ChainStack") !== undefined) return { kind: "chain-stack", stack: first, span };
  if (token(tree, "Malformed") !== undefined) return { kind: "malformed", policy: first, span };
  if (token(tree, "Ports") !== undefined) {
    return { kind: "ports", near: first, ...(second === undefined ? {} : { far: second }), span };
  }
  const core = numberOf(file, token(tree, "Number"));
  return core === undefined ? undefined : { kind: "place", nf: first, core, span };
}

function pathOf(context: AstContext, tree: CstNode | undefined): Maybe<Path> {
  if (tree === undefined) return undefined;
  const steps = nodes(tree, "step").flatMap((step) => stepOf(context, step) ?? []);
  return steps.length === 0 ? undefined : { kind: "sequence", steps, span: spanOf(context.file, tree) };
}

function stepOf(context: AstContext, tree: CstNode): Maybe<PathStep> {
  const span = spanOf(context.file, tree);
  const nf = nameOf(context.file, token(tree, "Name"));
  if (nf !== undefined) return { kind: "step", nf, span };
  const branches = nodes(tree, "path").flatMap((path) => pathOf(context, path) ?? []);
  return branches.length === 0 ? undefined : { kind: "parallel", branches, span };
}
