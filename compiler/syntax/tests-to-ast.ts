/** Tests, values and operands: concrete tree to syntax tree. */
import type { CstNode, IToken } from "chevrotain";
import { readAddress, readMac, readNumber, readText } from "../../grammar/literals.ts";
import type {
  CompareOperator,
  Name,
  NumberLiteral,
  Operand,
  Ref,
  SetLiteral,
  Span,
  StringLiteral,
  Test,
  Value,
} from "./ast.ts";
import { nameOf, node, nodes, spanOf, token, tokenSpan, tokens } from "./cst.ts";

/** What was not readable is undefined, and so is what is made of it. */
type Maybe<T> = T | undefined;

const operators: readonly (readonly [string, CompareOperator])[] = [
  ["Equal", "=="],
  ["NotEqual", "!="],
  ["Less", "<"],
  ["LessEqual", "<="],
  ["Greater", ">"],
  ["GreaterEqual", ">="],
];

/** `a and b or c`: the tree is flat, `and` binds closer. */
export function testOf(file: string, tree: CstNode | undefined): Maybe<Test> {
  if (tree === undefined || tree.recoveredNode === true) return undefined;
  const terms = nodes(tree, "term").map((term) => termOf(file, term));
  const joints = [...tokens(tree, "And"), ...tokens(tree, "Or")].sort(
    (a, b) => a.startOffset - b.startOffset,
  );
  const groups: Test[][] = [[]];
  for (const [index, term] of terms.entries()) {
    if (term === undefined) return undefined;
    if (index > 0 && joints[index - 1]?.tokenType.name === "Or") groups.push([]);
    groups.at(-1)?.push(term);
  }
  if (joints.length !== terms.length - 1) return undefined;
  return joined(
    file,
    "or",
    groups.flatMap((group) => joined(file, "and", group) ?? []),
  );
}

function joined(file: string, kind: "and" | "or", operands: readonly Test[]): Maybe<Test> {
  const [first, last] = [operands[0], operands.at(-1)];
  if (first === undefined || last === undefined || operands.length === 1) return first;
  return { kind, operands, span: { file, start: first.span.start, end: last.span.end } };
}

function termOf(file: string, tree: CstNode): Maybe<Test> {
  if (tree.recoveredNode === true) return undefined;
  let test = plainTermOf(file, tree);
  for (const not of [...tokens(tree, "Not")].reverse()) {
    if (test === undefined) return undefined;
    test = { kind: "not", operand: test, span: { file, start: not.startOffset, end: test.span.end } };
  }
  return test;
}

function plainTermOf(file: string, tree: CstNode): Maybe<Test> {
  const inner = node(tree, "test");
  if (inner !== undefined) return testOf(file, inner);
  const left = operandOf(file, node(tree, "operand"));
  if (left === undefined) return undefined;
  const comparison = node(tree, "comparison");
  if (comparison === undefined) return { kind: "operand", operand: left, span: left.span };
  if (comparison.recoveredNode === true) return undefined;
  const value = node(comparison, "value");
  if (value !== undefined) {
    const right = valueFrom(file, value);
    return right === undefined ? undefined : { kind: "in", left, right, span: across(left.span, right.span) };
  }
  const right = operandOf(file, node(comparison, "operand"));
  const operator = operators.find(([name]) => token(comparison, name) !== undefined)?.[1];
  if (right === undefined || operator === undefined) return undefined;
  return { kind: "compare", operator, left, right, span: across(left.span, right.span) };
}

function across(left: Span, right: Span): Span {
  return { file: left.file, start: left.start, end: right.end };
}

export function valueFrom(file: string, tree: CstNode | undefined): Maybe<Value> {
  if (tree === undefined || tree.recoveredNode === true) return undefined;
  const set = node(tree, "set");
  return set === undefined ? operandOf(file, node(tree, "operand")) : setOf(file, set);
}

export function setOf(file: string, tree: CstNode): Maybe<SetLiteral> {
  if (tree.recoveredNode === true) return undefined;
  const items: Operand[] = [];
  for (const item of nodes(tree, "operand")) {
    const operand = operandOf(file, item);
    if (operand === undefined) return undefined;
    items.push(operand);
  }
  return items.length === 0 ? undefined : { kind: "set", items, span: spanOf(file, tree) };
}

export function operandOf(file: string, tree: CstNode | undefined): Maybe<Operand> {
  if (tree === undefined || tree.recoveredNode === true) return undefined;
  const number = token(tree, "Number");
  if (number !== undefined) return numberOf(file, number);
  const text = token(tree, "Text");
  if (text !== undefined) return textOf(file, text);
  const address = token(tree, "Ipv4") ?? token(tree, "Ipv6");
  if (address !== undefined) return addressOf(file, address);
  const mac = token(tree, "Mac");
  if (mac !== undefined) {
    return { kind: "mac", bytes: readMac(mac.image), text: mac.image, span: tokenSpan(file, mac) };
  }
  return refOf(file, node(tree, "ref"));
}

export function numberOf(file: string, written: IToken | undefined): Maybe<NumberLiteral> {
  if (written === undefined) return undefined;
  const reading = readNumber(written.image);
  if (reading.kind !== "number") return undefined;
  const { value, unit } = reading;
  return { kind: "number", value, unit, text: written.image, span: tokenSpan(file, written) };
}

export function textOf(file: string, written: IToken | undefined): Maybe<StringLiteral> {
  if (written === undefined) return undefined;
  return { kind: "string", value: readText(written.image).value, span: tokenSpan(file, written) };
}

function addressOf(file: string, written: IToken): Maybe<Operand> {
  const reading = readAddress(written.image);
  if (!reading.ok) return undefined;
  return { kind: "ip", ...reading.value, text: written.image, span: tokenSpan(file, written) };
}

export function refOf(file: string, tree: CstNode | undefined): Maybe<Ref> {
  if (tree === undefined || tree.recoveredNode === true) return undefined;
  const names: Name[] = tokens(tree, "Name").flatMap((name) => nameOf(file, name) ?? []);
  return names.length === 0 ? undefined : { kind: "ref", names, span: spanOf(file, tree) };
}
