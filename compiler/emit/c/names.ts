/** Names and types of generated C. */
import type { EnumIr } from "../../ir/ir.ts";
import type { FieldPlan, MemoryType } from "../../plan/plan.ts";

/** `flow.client.ip` is `flow_client_ip`. */
export function memberName(field: string): string {
  return field.replaceAll(".", "_");
}

export function lower(name: string): string {
  return name.toLowerCase();
}

export function upper(name: string): string {
  return name.toUpperCase();
}

/** `DPI_DETECT.app` is `dpi_detect_app`; built-in `FlowEndReason` is `flow_end_reason`. */
export function enumName(def: EnumIr): string {
  return def.name
    .replaceAll(".", "_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

export function enumMember(def: EnumIr, member: string): string {
  return def.name === "Direction" ? `MBX_${upper(member)}` : `${upper(enumName(def))}_${upper(member)}`;
}

/** How a field is declared where handlers read it. */
export function messageMember(field: FieldPlan): readonly string[] {
  const name = memberName(field.name);
  if (field.type.kind === "enum") {
    const tag = field.type.enum.name === "Direction" ? "mbx_direction" : enumName(field.type.enum);
    return [`enum ${tag} ${name};`];
  }
  if (field.type.kind === "data")
    return [`const uint8_t *${name};`, `uint32_t ${name === "data" ? "len" : `${name}_len`};`];
  return [`${storedType(field.type, name)};`];
}

/** How a field is declared where it is stored: enums take a byte. */
export function storedType(type: MemoryType, name: string): string {
  switch (type.kind) {
    case "enum":
      return `uint8_t ${name}`;
    case "data":
      return `struct ring_data ${name}`;
    case "bytes":
      return `struct {\n\t\tuint16_t len;\n\t\tuint8_t bytes[${type.size}];\n\t} ${name}`;
    case "text":
      return `struct {\n\t\tuint16_t len;\n\t\tchar text[${type.size}];\n\t} ${name}`;
    case "scalar":
      return `${scalarTypes[type.name]}${name}`;
  }
}

const scalarTypes = {
  bool: "bool ",
  u8: "uint8_t ",
  u16: "uint16_t ",
  u32: "uint32_t ",
  u64: "uint64_t ",
  i32: "int32_t ",
  i64: "int64_t ",
  ip: "struct mbx_ip ",
  mac: "struct mbx_mac ",
  time: "uint64_t ",
  duration: "uint64_t ",
} as const;

/** Copies a stored field; blocks of bytes are copied with memcpy. */
export function copyField(type: MemoryType, to: string, from: string): string {
  if (type.kind === "bytes" || type.kind === "text") return `memcpy(&${to}, &${from}, sizeof(${to}));`;
  return `${to} = ${type.kind === "enum" ? "(uint8_t)" : ""}${from};`;
}

/** A `///` comment or a catalog text as a C comment's content. */
export function commentText(text: string): string {
  return text.replaceAll("*/", "* /").trim();
}

/** A block comment above a declaration, indented; nothing for no text. */
export function comment(text: string, indent = ""): string {
  const lines = commentText(text).split("\n");
  if (lines.length === 1 && lines[0] === "") return "";
  if (lines.length === 1) return `${indent}/* ${lines[0]} */\n`;
  return `${indent}/* ${lines.join(`\n${indent} * `)} */\n`;
}
