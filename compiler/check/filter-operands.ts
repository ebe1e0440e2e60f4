/** What the operands of a filter stand for. */
import { literalOf, memberLiteral } from "../bind/constants.ts";
import type { BoundLiteral, Scope } from "../bind/model.ts";
import { dotted } from "../bind/nfs.ts";
import { fields as catalogFields } from "../catalog/fields.ts";
import { catalogField } from "../catalog/lookup.ts";
import type { BuiltinType, FieldDef } from "../catalog/types.ts";
import type { Report } from "../diagnostics/report.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { typeOfBuiltin } from "../ir/builtin.ts";
import type { FilterRef, TypeIr } from "../ir/ir.ts";
import type { Name, Operand, Ref, Span } from "../syntax/ast.ts";

/** Where a filter stands, which decides what it can name. */
export interface FilterScope {
  /** "a filter of DATA_TCP", "`match`". */
  readonly what: string;
  /** Who would have the packet, flow or stream: "FLOW_END", "a packet before its flow is looked up". */
  readonly owner: string;
  readonly eventFields: readonly { readonly name: string; readonly type: TypeIr | BuiltinType }[];
  readonly lacks: (field: FieldDef) => string | undefined;
  readonly names: Scope;
  readonly report: Report;
}

export type Side =
  | {
      readonly kind: "field";
      readonly name: string;
      readonly ref: FilterRef;
      readonly type: TypeIr;
      readonly eitherEnd: boolean;
      readonly span: Span;
    }
  | { readonly kind: "literal"; readonly value: BoundLiteral; readonly text: string; readonly span: Span }
  | {
      readonly kind: "set";
      readonly values: readonly BoundLiteral[];
      readonly text: string;
      readonly span: Span;
    }
  /** A bare name that is no field and no constant: perhaps a member of an enum. */
  | { readonly kind: "bare"; readonly name: Name; readonly span: Span };

export type FieldSide = Side & { readonly kind: "field" };

/** Undefined where it stands for nothing, which has then been reported. */
export function resolveOperand(operand: Operand, scope: FilterScope): Side | undefined {
  const { span } = operand;
  if (operand.kind !== "ref") {
    const text = operand.kind === "string" ? JSON.stringify(operand.value) : operand.text;
    return { kind: "literal", value: literalOf(operand), text, span };
  }
  const name = dotted(operand);
  const [first] = operand.names;
  if (first === undefined) return undefined;
  const own = operand.names.length === 1 ? scope.eventFields.find((field) => field.name === name) : undefined;
  if (own !== undefined) return eventField(name, own.type, span, scope);
  const field = catalogField(name);
  if (field !== undefined) return packetField(field, span, scope);
  return operand.names.length === 1 ? resolveName(first, scope) : resolveMember(operand, scope);
}

function eventField(
  name: string,
  type: TypeIr | BuiltinType,
  span: Span,
  scope: FilterScope,
): Side | undefined {
  const typed = typeof type === "string" ? typeOfBuiltin(type) : type;
  if (typed === undefined || typed.kind === "bytes") {
    scope.report("MBX2105", span, { field: name, reason: "it is a byte sequence" });
    return undefined;
  }
  return {
    kind: "field",
    name,
    ref: { kind: "event", name, type: typed },
    type: typed,
    eitherEnd: false,
    span,
  };
}

function packetField(field: FieldDef, span: Span, scope: FilterScope): Side | undefined {
  const type = typeOfBuiltin(field.type);
  if (type === undefined || !field.filterable) {
    const reason =
      type === undefined ? "it is a byte sequence" : "it is a point in time, which no literal names";
    scope.report("MBX2105", span, { field: field.name, reason });
    return undefined;
  }
  const lacks = scope.lacks(field);
  if (lacks !== undefined) {
    scope.report("MBX2106", span, { field: field.name, scope: scope.owner, lacks });
    return undefined;
  }
  const eitherEnd = field.eitherEnd ?? false;
  return {
    kind: "field",
    name: field.name,
    ref: { kind: "catalog", field: field.name },
    type,
    eitherEnd,
    span,
  };
}

function resolveName(name: Name, scope: FilterScope): Side | undefined {
  const { span, text } = name;
  if (text === "true" || text === "false") {
    return {
      kind: "literal",
      value: { literal: { kind: "bool", value: text === "true" }, unit: "none", span },
      text,
      span,
    };
  }
  const constant = scope.names.constant(text);
  if (constant === undefined) return { kind: "bare", name, span };
  if (constant.value === undefined) return undefined;
  if ("literal" in constant.value) return { kind: "literal", value: constant.value, text, span };
  return { kind: "set", values: constant.value, text, span };
}

/** `Protocol.http`, or a dotted name that is nothing. */
function resolveMember(ref: Ref, scope: FilterScope): Side | undefined {
  const [first, second] = ref.names;
  const enumIr = first === undefined ? undefined : scope.names.enum(first.text);
  if (enumIr === undefined || second === undefined) {
    reportUnknown(dotted(ref), ref.span, scope);
    return undefined;
  }
  const literal = ref.names.length === 2 ? memberLiteral(enumIr, second.text) : undefined;
  if (literal === undefined) {
    reportMember(second, enumIr, scope.report);
    return undefined;
  }
  return {
    kind: "literal",
    value: { literal, unit: "none", span: ref.span },
    text: dotted(ref),
    span: ref.span,
  };
}

export function reportMember(
  name: Name,
  enumIr: { readonly name: string; readonly members: readonly string[] },
  report: Report,
): void {
  const near = nearest(name.text, enumIr.members);
  const help =
    near === undefined
      ? { message: `its members are ${enumIr.members.map((member) => `\`${member}\``).join(", ")}` }
      : { message: `\`${near}\` has a similar name`, fix: { span: name.span, text: near } };
  report("MBX2103", name.span, { member: name.text, enumName: enumIr.name }, { help });
}

export function reportUnknown(name: string, span: Span, scope: FilterScope): void {
  if (!name.includes(".") && scope.names.mayBeLost(name)) return;
  const candidates = [
    ...scope.eventFields.map((field) => field.name),
    ...catalogFields
      .filter((field) => field.filterable && scope.lacks(field) === undefined)
      .map((field) => field.name),
    ...scope.names.constantNames(),
  ];
  const near = nearest(name, candidates) ?? fullerName(name, candidates);
  scope.report(
    "MBX2100",
    span,
    { name, scope: scope.what },
    {
      ...(near === undefined
        ? {}
        : { help: { message: `\`${near}\` has a similar name`, fix: { span, text: near } } }),
    },
  );
}

/** `dport` for `tcp.dport`, `direction` for `dir`: people leave out and spell out. */
function fullerName(name: string, candidates: readonly string[]): string | undefined {
  return (
    candidates.find((candidate) => candidate.endsWith(`.${name}`)) ??
    candidates.find((candidate) => candidate.length > 2 && name.startsWith(candidate))
  );
}
