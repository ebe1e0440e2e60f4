/** Gives each comparison of a filter its type, or says why it has none. */

import { memberLiteral } from "../bind/constants.ts";
import type { BoundLiteral } from "../bind/model.ts";
import type { FilterIr, LiteralIr } from "../ir/ir.ts";
import type { CompareOperator, Operand, Span, Test, Value } from "../syntax/ast.ts";
import { describeLiteral, describeType, operandText } from "./describe.ts";
import { fitLiteral } from "./filter-literals.ts";
import {
  type FieldSide,
  type FilterScope,
  reportMember,
  reportUnknown,
  resolveOperand,
  type Side,
} from "./filter-operands.ts";

/** Undefined where something is wrong with it, which has been reported. */
export function typeFilter(test: Test, scope: FilterScope): FilterIr | undefined {
  switch (test.kind) {
    case "and":
    case "or": {
      const operands = test.operands.map((operand) => typeFilter(operand, scope));
      const typed = operands.filter((operand) => operand !== undefined);
      return typed.length === operands.length ? { kind: test.kind, operands: typed } : undefined;
    }
    case "not": {
      const operand = typeFilter(test.operand, scope);
      return operand === undefined ? undefined : { kind: "not", operand };
    }
    case "compare":
      return typeCompare(test.left, test.operator, test.right, test.span, scope);
    case "in":
      return typeIn(test.left, test.right, test.span, scope);
    case "operand":
      return typeTruth(test.operand, scope);
  }
}

function typeTruth(operand: Operand, scope: FilterScope): FilterIr | undefined {
  const side = resolveOperand(operand, scope);
  if (side === undefined) return undefined;
  if (side.kind === "bare") {
    reportUnknown(side.name.text, side.span, scope);
    return undefined;
  }
  if (side.kind === "field" && side.type.kind === "scalar" && side.type.name === "bool") {
    return { kind: "truth", ref: side.ref };
  }
  const type =
    side.kind === "field"
      ? describeType(side.type)
      : side.kind === "set"
        ? "a set"
        : describeLiteral(side.value);
  scope.report("MBX2107", side.span, { operand: operandText(operand), type });
  return undefined;
}

const flipped: Readonly<Record<CompareOperator, CompareOperator>> = {
  "==": "==",
  "!=": "!=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

function typeCompare(
  leftOperand: Operand,
  operator: CompareOperator,
  rightOperand: Operand,
  span: Span,
  scope: FilterScope,
): FilterIr | undefined {
  const left = resolveOperand(leftOperand, scope);
  const right = resolveOperand(rightOperand, scope);
  if (left?.kind === "field") return typeFieldCompare(left, operator, right, scope);
  if (right?.kind === "field") return typeFieldCompare(right, flipped[operator], left, scope);
  const bare = [left, right].flatMap((side) => (side?.kind === "bare" ? side : []));
  // The second may be a member of what the first should have been.
  const [unknown] = bare;
  if (unknown !== undefined) reportUnknown(unknown.name.text, unknown.span, scope);
  if (left !== undefined && right !== undefined && bare.length === 0) {
    scope.report("MBX2110", span, { left: operandText(leftOperand), right: operandText(rightOperand) });
  }
  return undefined;
}

function typeFieldCompare(
  left: FieldSide,
  operator: CompareOperator,
  right: Side | undefined,
  scope: FilterScope,
): FilterIr | undefined {
  if (left.eitherEnd && operator !== "==") {
    scope.report("MBX2104", left.span, { field: left.name, operator }, eitherEndHelp(left, operator));
    return undefined;
  }
  if (!isOrdered(left) && operator !== "==" && operator !== "!=") {
    scope.report("MBX2111", left.span, { operator, field: left.name, type: describeType(left.type) });
    return undefined;
  }
  if (right === undefined) return undefined;
  if (right.kind === "set") {
    scope.report(
      "MBX2109",
      right.span,
      { name: right.text, operator },
      {
        help: {
          message:
            operator === "!="
              ? `write \`not ${left.name} in ${right.text}\``
              : `write \`${left.name} in ${right.text}\``,
        },
      },
    );
    return undefined;
  }
  if (right.kind === "field") return typeRefs(left, operator, right, scope);
  const literal = literalFor(left, right, scope);
  return literal === undefined ? undefined : { kind: "compare", operator, left: left.ref, right: literal };
}

function eitherEndHelp(
  left: FieldSide,
  operator: CompareOperator,
): { readonly help?: { readonly message: string } } {
  if (operator === "!=") return { help: { message: `write \`not ${left.name} == …\`` } };
  const [low, high] =
    left.name === "ip.addr"
      ? ["ip.src", "ip.dst"]
      : [left.name.replace("port", "sport"), left.name.replace("port", "dport")];
  return { help: { message: `compare \`${low}\` and \`${high}\`` } };
}

function isOrdered(side: FieldSide): boolean {
  if (side.type.kind !== "scalar") return false;
  const { name } = side.type;
  return name !== "bool" && name !== "ip" && name !== "mac";
}

function typeRefs(
  left: FieldSide,
  operator: CompareOperator,
  right: FieldSide,
  scope: FilterScope,
): FilterIr | undefined {
  const either = right.eitherEnd ? right : left.eitherEnd ? left : undefined;
  if (either !== undefined) {
    scope.report("MBX2105", either.span, {
      field: either.name,
      reason: "it stands for either end, so it is compared with constants only",
    });
    return undefined;
  }
  if (describeType(left.type) !== describeType(right.type)) {
    scope.report("MBX2101", right.span, {
      left: left.name,
      leftType: describeType(left.type),
      right: right.name,
      rightType: describeType(right.type),
    });
    return undefined;
  }
  return { kind: "compare-refs", operator, left: left.ref, right: right.ref };
}

/** The literal that a side stands for beside this field. */
function literalFor(
  left: FieldSide,
  right: Side & { readonly kind: "literal" | "bare" },
  scope: FilterScope,
): LiteralIr | undefined {
  if (right.kind === "literal") return fitLiteral(left, right.value, right.text, right.span, scope.report);
  if (left.type.kind !== "enum") {
    reportUnknown(right.name.text, right.span, scope);
    return undefined;
  }
  const member = memberLiteral(left.type.enum, right.name.text);
  if (member === undefined) reportMember(right.name, left.type.enum, scope.report);
  return member;
}

function typeIn(leftOperand: Operand, right: Value, span: Span, scope: FilterScope): FilterIr | undefined {
  const left = resolveOperand(leftOperand, scope);
  if (left === undefined) return undefined;
  if (left.kind === "bare") {
    reportUnknown(left.name.text, left.span, scope);
    return undefined;
  }
  if (left.kind !== "field") {
    scope.report("MBX2110", span, {
      left: operandText(leftOperand),
      right: right.kind === "set" ? "{ … }" : operandText(right),
    });
    return undefined;
  }
  const sides =
    right.kind === "set"
      ? right.items.map((item) => resolveOperand(item, scope))
      : [single(left, right, scope)];
  const values: LiteralIr[] = [];
  let whole = true;
  for (const side of sides) {
    const literals = side === undefined ? undefined : literalsFor(left, side, scope);
    if (literals === undefined) whole = false;
    else values.push(...literals);
  }
  return whole ? { kind: "in", left: left.ref, values } : undefined;
}

/** What stands alone after `in`: a set by its name, or a prefix. */
function single(left: FieldSide, right: Operand, scope: FilterScope): Side | undefined {
  const side = resolveOperand(right, scope);
  if (side?.kind !== "literal") return side;
  const { literal } = side.value;
  if (literal.kind === "ip" && literal.prefix < literal.bytes.length * 8) return side;
  scope.report(
    "MBX2108",
    side.span,
    { left: left.name },
    {
      help: { message: `write \`${left.name} == ${side.text}\`` },
    },
  );
  return undefined;
}

function literalsFor(left: FieldSide, side: Side, scope: FilterScope): readonly LiteralIr[] | undefined {
  switch (side.kind) {
    case "literal":
    case "bare": {
      const literal = literalFor(left, side, scope);
      return literal === undefined ? undefined : [literal];
    }
    case "set":
      return setLiterals(left, side.values, side.text, side.span, scope);
    case "field":
      scope.report("MBX2105", side.span, {
        field: side.name,
        reason: "a set after `in` holds constants only",
      });
      return undefined;
  }
}

/** All values of a constant have one type, so one report stands for all. */
function setLiterals(
  left: FieldSide,
  values: readonly BoundLiteral[],
  text: string,
  span: Span,
  scope: FilterScope,
): readonly LiteralIr[] | undefined {
  const literals: LiteralIr[] = [];
  for (const value of values) {
    const literal = fitLiteral(left, value, text, span, scope.report);
    if (literal === undefined) return undefined;
    literals.push(literal);
  }
  return literals;
}
