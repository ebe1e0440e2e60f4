/** How a field looks in TypeScript, and how it is read and written in a ring. */
import type { FieldPlan, MemoryType } from "../../plan/plan.ts";

/** `flow.client.ip` is `flowClientIp`; an event's own field keeps its name. */
export function propertyName(field: string): string {
  return field.replaceAll(/\.(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** `DPI_DETECT` is `DpiDetect`. */
export function interfaceName(name: string): string {
  return name
    .split("_")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join("");
}

export function tsType(type: MemoryType): string {
  switch (type.kind) {
    case "data":
      return "Uint8Array";
    case "enum":
      return type.enum.members.map((member) => JSON.stringify(member)).join(" | ");
    case "bytes":
      return "Uint8Array";
    case "text":
      return "string";
    case "scalar":
      if (type.name === "bool") return "boolean";
      return type.name === "ip" || type.name === "mac" ? "string" : "number";
  }
}

/** Text for a property: what it is, in which unit. */
export function propertyDoc(field: FieldPlan): string {
  const unit = unitOf(field);
  const text = field.doc.trim().replaceAll("*/", "* /").replaceAll("\n", " ");
  return [text === "" ? field.name : text, unit].filter((part) => part !== "").join(", ");
}

function unitOf(field: FieldPlan): string {
  if (field.type.kind === "scalar" && (field.type.name === "time" || field.type.name === "duration"))
    return "milliseconds";
  return field.unit ?? "";
}

/** Statements that return the field at `offset` of the record at `this.at.base`. */
export function readLines(type: MemoryType, offset: number): readonly string[] {
  const at = `this.at.base + ${offset}`;
  switch (type.kind) {
    case "data":
      return [];
    case "enum":
      return [`return ${constantName(type.enum.name)}[this.u8[${at}] as number] as ${tsType(type)};`];
    case "text":
      return [`return readText(this.u8, this.u16, ${at});`];
    case "bytes":
      return [`return this.u8.slice(${at} + 2, ${at} + 2 + (this.u16[(${at}) >> 1] as number));`];
    case "scalar":
      return scalarLines(type.name, at);
  }
}

function scalarLines(name: string, at: string): readonly string[] {
  switch (name) {
    case "bool":
      return [`return this.u8[${at}] !== 0;`];
    case "u8":
      return [`return this.u8[${at}] as number;`];
    case "u16":
      return [`return this.u16[(${at}) >> 1] as number;`];
    case "u32":
      return [`return this.u32[(${at}) >> 2] as number;`];
    case "i32":
      return [`return this.i32[(${at}) >> 2] as number;`];
    case "i64":
      return [
        `const at = (${at}) >> 2;`,
        "return (this.i32[at + 1] as number) * 4294967296 + (this.u32[at] as number);",
      ];
    case "time":
    case "duration":
      return [
        `const at = (${at}) >> 2;`,
        "return ((this.u32[at + 1] as number) * 4294967296 + (this.u32[at] as number)) / 1e6;",
      ];
    case "ip":
      return [`return readIp(this.u8, ${at});`];
    case "mac":
      return [`return readMac(this.u8, ${at});`];
    default:
      return [
        `const at = (${at}) >> 2;`,
        "return (this.u32[at + 1] as number) * 4294967296 + (this.u32[at] as number);",
      ];
  }
}

export function constantName(enumName: string): string {
  return `${enumName
    .replaceAll(".", "_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toUpperCase()}_NAMES`;
}

/** Statements that write `value` at `offset` of the answer at `at`. */
export function writeLines(type: MemoryType, offset: number, value: string): readonly string[] {
  const to = `at + ${offset}`;
  switch (type.kind) {
    case "data":
      return [];
    case "enum":
      return [`this.answers.u8[${to}] = ${constantName(type.enum.name)}.indexOf(${value});`];
    case "text":
      return [`writeText(this.answers, ${to}, ${type.size}, ${value});`];
    case "bytes":
      return [`writeBytes(this.answers, ${to}, ${type.size}, ${value});`];
    case "scalar":
      return writeScalar(type.name, to, value);
  }
}

function writeScalar(name: string, to: string, value: string): readonly string[] {
  switch (name) {
    case "bool":
      return [`this.answers.u8[${to}] = ${value} ? 1 : 0;`];
    case "u8":
      return [`this.answers.u8[${to}] = ${value};`];
    case "u16":
      return [`this.answers.u16[(${to}) >> 1] = ${value};`];
    case "u32":
      return [`this.answers.u32[(${to}) >> 2] = ${value};`];
    case "i32":
      return [`this.answers.i32[(${to}) >> 2] = ${value};`];
    case "ip":
      return [`writeIp(this.answers.u8, ${to}, ${value});`];
    case "mac":
      return [`writeMac(this.answers.u8, ${to}, ${value});`];
    case "time":
    case "duration":
      return [`writeTime(this.answers.u32, (${to}) >> 2, ${value});`];
    default:
      return wide(to, value);
  }
}

function wide(to: string, value: string): readonly string[] {
  return [
    `this.answers.u32[(${to}) >> 2] = ${value};`,
    `this.answers.u32[(${to} + 4) >> 2] = Math.floor(${value} / 4294967296);`,
  ];
}

/** Functions that a stub needs, by what its lines call. */
export const helperTexts: Readonly<Record<string, string>> = {
  readText: `const decoder = new TextDecoder();

function readText(u8: Uint8Array, u16: Uint16Array, at: number): string {
  return decoder.decode(u8.subarray(at + 2, at + 2 + (u16[at >> 1] as number)));
}`,
  readIp: `/** RFC 5952 for IPv6; "" where there is no address. */
function readIp(u8: Uint8Array, at: number): string {
  if (u8[at + 16] === 4) return \`\${u8[at]}.\${u8[at + 1]}.\${u8[at + 2]}.\${u8[at + 3]}\`;
  if (u8[at + 16] !== 6) return "";
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((u8[at + 2 * i] as number) << 8) | (u8[at + 2 * i + 1] as number)).toString(16),
  );
  let best = { from: 0, length: 1 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && groups[from + length] === "0") length++;
    if (length > best.length) best = { from, length };
  }
  if (best.length === 1) return groups.join(":");
  return \`\${groups.slice(0, best.from).join(":")}::\${groups.slice(best.from + best.length).join(":")}\`;
}`,
  readMac: `function readMac(u8: Uint8Array, at: number): string {
  return Array.from(u8.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, "0")).join(":");
}`,
  writeText: `const encoder = new TextEncoder();

/** UTF-8, cut to \`size\` bytes at the end of a character. */
function writeText(views: Views, at: number, size: number, text: string): void {
  const { written } = encoder.encodeInto(text, views.u8.subarray(at + 2, at + 2 + size));
  views.u16[at >> 1] = written;
}`,
  writeTime: `/** Nanoseconds in two words: as one number they would not be exact. */
function writeTime(u32: Uint32Array, index: number, milliseconds: number): void {
  const whole = Math.floor(milliseconds);
  const high = Math.floor(whole / 65536) * 1e6;
  const fraction = Math.round((milliseconds - whole) * 1e6);
  const rest = (high % 65536) * 65536 + (whole % 65536) * 1e6 + fraction;
  u32[index] = rest;
  u32[index + 1] = Math.floor(high / 65536) + Math.floor(rest / 4294967296);
}`,
  writeBytes: `function writeBytes(views: Views, at: number, size: number, bytes: Uint8Array): void {
  const kept = bytes.subarray(0, size);
  views.u8.set(kept, at + 2);
  views.u16[at >> 1] = kept.length;
}`,
  writeIp: `/** \`10.0.0.1\` or \`2001:db8::1\`; a RangeError for anything else. */
function writeIp(u8: Uint8Array, at: number, text: string): void {
  u8.fill(0, at, at + 17);
  const parts = text.split(".");
  if (parts.length === 4 && parts.every((part) => /^\\d{1,3}$/.test(part) && Number(part) < 256)) {
    u8.set(parts.map(Number), at);
    u8[at + 16] = 4;
    return;
  }
  const sides = text.split("::");
  const [first = [], last = []] = sides.map((side) => (side === "" ? [] : side.split(":")));
  const missing = 8 - first.length - last.length;
  const groups = [...first, ...new Array<string>(Math.max(0, missing)).fill("0"), ...last];
  const whole = sides.length === 1 ? missing === 0 : sides.length === 2 && missing > 0;
  if (!whole || groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group)))
    throw new RangeError(\`not an IP address: \${text}\`);
  groups.forEach((digits, i) => {
    const group = Number.parseInt(digits, 16);
    u8[at + 2 * i] = group >> 8;
    u8[at + 2 * i + 1] = group & 255;
  });
  u8[at + 16] = 6;
}`,
  writeMac: `/** \`02:00:00:00:00:01\`; a RangeError for anything else. */
function writeMac(u8: Uint8Array, at: number, text: string): void {
  const parts = text.split(":");
  if (parts.length !== 6 || parts.some((part) => !/^[0-9a-f]{1,2}$/i.test(part)))
    throw new RangeError(\`not a MAC address: \${text}\`);
  u8.set(
    parts.map((part) => Number.parseInt(part, 16)),
    at,
  );
}`,
};
