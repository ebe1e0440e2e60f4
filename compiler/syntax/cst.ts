/** Typed access to chevrotain's concrete tree. */
import type { CstElement, CstNode, IToken } from "chevrotain";
import { endOf } from "../../grammar/tokens.ts";
import type { Name, Span } from "./ast.ts";

function isNode(element: CstElement): element is CstNode {
  return "children" in element;
}

export function nodes(parent: CstNode, name: string): readonly CstNode[] {
  return (parent.children[name] ?? []).filter(isNode);
}

export function node(parent: CstNode, name: string): CstNode | undefined {
  return nodes(parent, name)[0];
}

/** Tokens that were written: those that recovery invented are left out. */
export function tokens(parent: CstNode, name: string): readonly IToken[] {
  return (parent.children[name] ?? []).filter(
    (element): element is IToken =>
      !isNode(element) && element.isInsertedInRecovery !== true && element.image !== "",
  );
}

export function token(parent: CstNode, name: string): IToken | undefined {
  return tokens(parent, name)[0];
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Nodes are asked at every level of a nested path: each is measured once. */
const measured = new WeakMap<CstNode, Extent>();
const NOTHING: Extent = { start: Number.POSITIVE_INFINITY, end: -1 };

/** Where what stands below a node begins and ends, or undefined when nothing does. */
export function extent(parent: CstNode): Extent | undefined {
  const found = measure(parent);
  return found.end < 0 ? undefined : found;
}

/** As deep as the tree, which the nesting limit bounds. */
function measure(parent: CstNode): Extent {
  const known = measured.get(parent);
  if (known !== undefined) return known;
  let { start, end } = NOTHING;
  for (const elements of Object.values(parent.children)) {
    for (const element of elements) {
      const inner = isNode(element) ? measure(element) : measureToken(element);
      start = Math.min(start, inner.start);
      end = Math.max(end, inner.end);
    }
  }
  const result = { start, end };
  measured.set(parent, result);
  return result;
}

function measureToken(element: IToken): Extent {
  if (Number.isNaN(element.startOffset) || element.image === "") return NOTHING;
  return { start: element.startOffset, end: endOf(element) };
}

export function spanOf(file: string, parent: CstNode): Span {
  const { start, end } = extent(parent) ?? { start: 0, end: 0 };
  return { file, start, end };
}

export function tokenSpan(file: string, written: IToken): Span {
  return { file, start: written.startOffset, end: endOf(written) };
}

export function nameOf(file: string, written: IToken | undefined): Name | undefined {
  if (written === undefined) return undefined;
  return { text: written.image, span: tokenSpan(file, written) };
}
