/** A typed filter in the author's words, for comments in generated code. */
import type { FilterIr, FilterRef, LiteralIr } from "../../ir/ir.ts";

export function printFilter(filter: FilterIr): string {
  switch (filter.kind) {
    case "and":
    case "or":
      return `(${filter.operands.map(printFilter).join(` ${filter.kind} `)})`;
    case "not":
      return `not ${printFilter(filter.operand)}`;
    case "compare":
      return `${printRef(filter.left)} ${filter.operator} ${printLiteral(filter.right)}`;
    case "compare-refs":
      return `${printRef(filter.left)} ${filter.operator} ${printRef(filter.right)}`;
    case "in":
      return `${printRef(filter.left)} in { ${filter.values.map(printLiteral).join(", ")} }`;
    case "truth":
      return printRef(filter.ref);
  }
}

function printRef(ref: FilterRef): string {
  return ref.kind === "catalog" ? ref.field : ref.name;
}

export function printLiteral(literal: LiteralIr): string {
  switch (literal.kind) {
    case "number":
      return literal.value.toString();
    case "bool":
      return String(literal.value);
    case "string":
      return JSON.stringify(literal.value);
    case "member":
      return literal.member;
    case "mac":
      return literal.bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
    case "ip":
      return printIp(literal);
  }
}

function printIp(ip: Extract<LiteralIr, { kind: "ip" }>): string {
  const whole = ip.version === 4 ? 32 : 128;
  const text =
    ip.version === 4
      ? ip.bytes.join(".")
      : Array.from({ length: 8 }, (_, i) =>
          (((ip.bytes[2 * i] ?? 0) << 8) | (ip.bytes[2 * i + 1] ?? 0)).toString(16),
        ).join(":");
  return ip.prefix === whole ? text : `${text}/${ip.prefix}`;
}
