/** Typed access to chevrotain's concrete tree. */
import type { CstElement, CstNode, IToken } from "chevrotain";
import { endOf } from "../../grammar/tokens.ts";
import type { Name, Span } from "./ast.ts";

function isNode(element: CstElement): element is CstNode {
  return "children" in element;
}

/** Of a written token: those that recovery invented are left out. */
function isWritten(element: CstElement): element is IToken {
  return !isNode(element) && element.isInsertedInRecovery !== true && element.image !== "";
}

const NO_ELEMENTS: readonly CstElement[] = [];

export function nodes(parent: CstNode, name: string): readonly CstNode[] {
  return (parent.children[name] ?? NO_ELEMENTS).filter(isNode);
}

export function node(parent: CstNode, name: string): CstNode | undefined {
  return parent.children[name]?.find(isNode);
}

/** Tokens that were written. */
export function tokens(parent: CstNode, name: string): readonly IToken[] {
  return (parent.children[name] ?? NO_ELEMENTS).filter(isWritten);
}

export function token(parent: CstNode, name: string): IToken | undefined {
  return parent.children[name]?.find(isWritten);
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Nodes are asked at every level of a nested path: each is measured once, and keeps what was found. */
interface MeasuredNode extends CstNode {
  extent?: Extent;
}

const NOTHING: Extent = { start: Number.POSITIVE_INFINITY, end: -1 };

/** Where what stands below a node begins and ends, or undefined when nothing does. */
export function extent(parent: MeasuredNode): Extent | undefined {
  const found = measure(parent);
  return found.end < 0 ? undefined : found;
}

/** As deep as the tree, which the nesting limit bounds. */
function measure(parent: MeasuredNode): Extent {
  if (parent.extent !== undefined) return parent.extent;
  let { start, end } = NOTHING;
  for (const name in parent.children) {
    for (const element of parent.children[name] ?? NO_ELEMENTS) {
      if (isNode(element)) {
        const inner = measure(element);
        if (inner.start < start) start = inner.start;
        if (inner.end > end) end = inner.end;
      } else if (!Number.isNaN(element.startOffset) && element.image !== "") {
        if (element.startOffset < start) start = element.startOffset;
        if (endOf(element) > end) end = endOf(element);
      }
    }
  }
  parent.extent = { start, end };
  return parent.extent;
}

export function spanOf(file: string, parent: CstNode): Span {
  const { start, end } = measure(parent);
  return end < 0 ? { file, start: 0, end: 0 } : { file, start, end };
}

export function tokenSpan(file: string, written: IToken): Span {
  return { file, start: written.startOffset, end: endOf(written) };
}

export function nameOf(file: string, written: IToken | undefined): Name | undefined {
  if (written === undefined) return undefined;
  return { text: written.image, span: tokenSpan(file, written) };
}
