/** Whether a literal is a value that a field can have. */
import type { BoundLiteral } from "../bind/model.ts";
import type { Report } from "../diagnostics/report.ts";
import type { LiteralIr, ScalarName, TypeIr } from "../ir/ir.ts";
import type { Span } from "../syntax/ast.ts";
import { describeLiteral, describeType } from "./describe.ts";

/** Largest value of the types that are numbers; the language has no negative literals. */
export const largest: Readonly<Partial<Record<ScalarName, bigint>>> = {
  u8: 0xffn,
  u16: 0xffffn,
  u32: 0xffff_ffffn,
  u64: 0xffff_ffff_ffff_ffffn,
  i32: 0x7fff_ffffn,
  i64: 0x7fff_ffff_ffff_ffffn,
  time: 0xffff_ffff_ffff_ffffn,
  duration: 0xffff_ffff_ffff_ffffn,
};

export function fitLiteral(
  field: { readonly name: string; readonly type: TypeIr },
  value: BoundLiteral,
  text: string,
  span: Span,
  report: Report,
): LiteralIr | undefined {
  if (!isOfType(field.type, value)) {
    report(
      "MBX2101",
      span,
      {
        left: field.name,
        leftType: describeType(field.type),
        right: text,
        rightType: describeLiteral(value),
      },
      hint(field, value, text),
    );
    return undefined;
  }
  const max = limitOf(field.type);
  if (max !== undefined && extentOf(value.literal) > max) {
    const what = field.type.kind === "text" ? `\`${field.name}\` (bytes)` : `\`${field.name}\``;
    report("MBX2102", span, { value: text, what, max: String(max) });
    return undefined;
  }
  return value.literal;
}

function hint(
  field: { readonly name: string; readonly type: TypeIr },
  { literal, unit }: BoundLiteral,
  text: string,
): { readonly help?: { readonly message: string } } {
  if (
    field.type.kind === "scalar" &&
    field.type.name === "duration" &&
    literal.kind === "number" &&
    unit === "none"
  ) {
    return { help: { message: `give it a unit: \`${text}s\`, \`${text}ms\`` } };
  }
  return {};
}

function isOfType(type: TypeIr, { literal, unit }: BoundLiteral): boolean {
  switch (type.kind) {
    case "enum":
      return literal.kind === "member" && literal.enum.name === type.enum.name;
    case "text":
      return literal.kind === "string";
    case "bytes":
      return false;
    case "scalar":
      break;
  }
  switch (type.name) {
    case "bool":
    case "ip":
    case "mac":
      return literal.kind === type.name;
    case "time":
      return false;
    case "duration":
      return literal.kind === "number" && unit === "duration";
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "i32":
    case "i64":
      return literal.kind === "number" && unit !== "duration";
  }
}

function limitOf(type: TypeIr): bigint | undefined {
  if (type.kind === "text") return BigInt(type.size);
  return type.kind === "scalar" ? largest[type.name] : undefined;
}

function extentOf(literal: LiteralIr): bigint {
  if (literal.kind === "number") return literal.value;
  return literal.kind === "string" ? BigInt(Buffer.byteLength(literal.value)) : 0n;
}
