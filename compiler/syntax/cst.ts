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

/** Everything below a node, from first to last, or undefined when nothing is. */
export function extent(parent: CstNode): { readonly start: number; readonly end: number } | undefined {
  let start = Number.POSITIVE_INFINITY;
  let end = -1;
  const pending: CstNode[] = [parent];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    for (const elements of Object.values(current.children)) {
      for (const element of elements) {
        if (isNode(element)) pending.push(element);
        else if (!Number.isNaN(element.startOffset) && element.image !== "") {
          start = Math.min(start, element.startOffset);
          end = Math.max(end, endOf(element));
        }
      }
    }
  }
  return end < 0 ? undefined : { start, end };
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
