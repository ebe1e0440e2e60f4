/** A typed filter as a C expression. An absent header makes a comparison false. */
import type { FilterIr, FilterRef, LiteralIr } from "../../ir/ir.ts";
import { planCatalogField } from "../../plan/events.ts";
import type { MemoryType } from "../../plan/plan.ts";
import { type FieldExpression, fieldExpressions, type Scope } from "./fields.ts";

/** An event field's C: own fields are in the record, `dir` and `offset` in its head. */
export interface FilterScope extends Scope {
  readonly eventField: (name: string) => string;
  readonly eventType: (name: string) => MemoryType;
}

/** "" for no test at all. */
export function filterC(tests: readonly FilterIr[], scope: FilterScope): string {
  return tests.map((test) => nested(test, scope)).join(" && ");
}

function nested(filter: FilterIr, scope: FilterScope): string {
  switch (filter.kind) {
    case "and":
    case "or": {
      const parts = filter.operands.map((operand) => nested(operand, scope));
      return `(${parts.join(filter.kind === "and" ? " && " : " || ")})`;
    }
    case "not":
      return `!${nested(filter.operand, scope)}`;
    case "compare":
      return either(filter.left, scope, filter.operator === "!=", (value) =>
        compare(value, filter.operator, filter.right),
      );
    case "in":
      return either(filter.left, scope, false, (value) =>
        any(filter.values.map((literal) => compare(value, "==", literal))),
      );
    case "compare-refs": {
      const [left] = expressions(filter.left, scope);
      const [right] = expressions(filter.right, scope);
      if (left === undefined || right === undefined) throw new Error("a comparison without operands");
      return all([
        ...left.guards,
        ...right.guards,
        compareValues(left.value, filter.operator, right.value, typeOf(filter.left, scope)),
      ]);
    }
    case "truth":
      return either(filter.ref, scope, false, (value) => value);
  }
}

function expressions(ref: FilterRef, scope: FilterScope): readonly FieldExpression[] {
  if (ref.kind === "event") return [{ guards: [], value: scope.eventField(ref.name) }];
  return fieldExpressions(ref.field, scope);
}

/** Of an either-end ref one end suffices; for a negated test neither may match. */
function either(
  ref: FilterRef,
  scope: FilterScope,
  negated: boolean,
  test: (value: string) => string,
): string {
  const ends = expressions(ref, scope);
  const guards = ends[0]?.guards ?? [];
  const tests = ends.map((end) => test(end.value));
  return all([...guards, negated ? all(tests) : any(tests)]);
}

function all(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? "true") : `(${parts.join(" && ")})`;
}

function any(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? "false") : `(${parts.join(" || ")})`;
}

function compare(value: string, operator: string, literal: LiteralIr): string {
  const not = operator === "!=" ? "!" : "";
  switch (literal.kind) {
    case "number":
      return `${value} ${operator} ${numberC(literal.value)}`;
    case "bool":
      return `${literal.value === (operator === "==") ? "" : "!"}(${value})`;
    case "member":
      return `${value} ${operator} ${literal.value} /* ${literal.member} */`;
    case "ip":
      return `${not}mbx_ip_in(${value}, ${literal.version}, ${bytesC(literal.bytes)}, ${literal.prefix})`;
    case "mac":
      return `${not}mbx_mac_equal(${value}, (struct mbx_mac){${bytesC(literal.bytes).replace(/^\(.*?\)/, "")}})`;
    case "string":
      return `${not}mbx_text_equal(${value}.text, ${value}.len, ${JSON.stringify(literal.value)}, ${Buffer.byteLength(literal.value)})`;
  }
}

function typeOf(ref: FilterRef, scope: FilterScope): MemoryType {
  return ref.kind === "event" ? scope.eventType(ref.name) : planCatalogField(ref.field).type;
}

/** Addresses and text are compared whole, all else as numbers. */
function compareValues(left: string, operator: string, right: string, type: MemoryType): string {
  const not = operator === "!=" ? "!" : "";
  if (type.kind === "text")
    return `${not}mbx_text_equal(${left}.text, ${left}.len, ${right}.text, ${right}.len)`;
  if (type.kind === "scalar" && (type.name === "ip" || type.name === "mac"))
    return `${not}mbx_${type.name}_equal(${left}, ${right})`;
  return `${left} ${operator} ${right}`;
}

export function numberC(value: bigint): string {
  return value > 0xffffffffn ? `${value}ull` : value > 0x7fffffffn ? `${value}u` : `${value}`;
}

export function bytesC(bytes: readonly number[]): string {
  return `(const uint8_t[]){${bytes.join(", ")}}`;
}
