/** Types and values in words, for messages. */
import type { BoundLiteral } from "../bind/model.ts";
import { dotted } from "../bind/nfs.ts";
import type { TypeIr } from "../ir/ir.ts";
import type { Operand } from "../syntax/ast.ts";

export function describeType(type: TypeIr): string {
  switch (type.kind) {
    case "enum":
      return `one of \`${type.enum.name}\``;
    case "bytes":
      return "a byte sequence";
    case "text":
      return "a text";
    case "scalar":
      break;
  }
  switch (type.name) {
    case "bool":
      return "yes or no";
    case "ip":
      return "an IP address";
    case "mac":
      return "a MAC address";
    case "time":
      return "a point in time";
    case "duration":
      return "a duration";
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "i32":
    case "i64":
      return "a number";
  }
}

export function describeLiteral({ literal, unit }: BoundLiteral): string {
  switch (literal.kind) {
    case "number":
      return unit === "duration" ? "a duration" : unit === "bytes" ? "a size" : "a number";
    case "bool":
      return "yes or no";
    case "string":
      return "a text";
    case "ip":
      return "an IP address";
    case "mac":
      return "a MAC address";
    case "member":
      return `a member of \`${literal.enum.name}\``;
  }
}

/** An operand as it was written. */
export function operandText(operand: Operand): string {
  switch (operand.kind) {
    case "number":
    case "ip":
    case "mac":
      return operand.text;
    case "string":
      return JSON.stringify(operand.value);
    case "ref":
      return dotted(operand);
  }
}
