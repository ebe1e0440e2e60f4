/** Sets of values as sorted, disjoint, inclusive ranges. */
import type { LiteralIr, TypeIr } from "../ir/ir.ts";
import type { CompareOperator } from "../syntax/ast.ts";
import { largest } from "./filter-literals.ts";

export interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

export type ValueSet = readonly Range[];

/** IPv4 addresses lie behind all IPv6 ones. */
const IPV4_BASE = 1n << 128n;
const IPV4: Range = { low: IPV4_BASE, high: IPV4_BASE + 0xffff_ffffn };
const IPV6: Range = { low: 0n, high: IPV4_BASE - 1n };

export function rangeOfVersion(version: 4 | 6): Range {
  return version === 4 ? IPV4 : IPV6;
}

/** Every value of a type; undefined where its values are not numbers. */
export function universeOf(type: TypeIr): Range | undefined {
  if (type.kind === "enum") return { low: 0n, high: BigInt(type.enum.members.length - 1) };
  if (type.kind !== "scalar") return undefined;
  switch (type.name) {
    case "bool":
      return { low: 0n, high: 1n };
    case "ip":
      return { low: 0n, high: IPV4.high };
    case "mac":
      return { low: 0n, high: (1n << 48n) - 1n };
    case "i32":
    case "i64": {
      const high = largest[type.name] ?? 0n;
      return { low: -high - 1n, high };
    }
    default:
      return { low: 0n, high: largest[type.name] ?? 0n };
  }
}

/** What a literal covers; a prefix covers all its addresses. */
export function rangeOf(literal: LiteralIr): Range | undefined {
  switch (literal.kind) {
    case "number":
      return { low: literal.value, high: literal.value };
    case "bool":
      return literal.value ? { low: 1n, high: 1n } : { low: 0n, high: 0n };
    case "member":
      return { low: BigInt(literal.value), high: BigInt(literal.value) };
    case "mac": {
      const value = bytesToNumber(literal.bytes);
      return { low: value, high: value };
    }
    case "ip": {
      const hostBits = BigInt(literal.bytes.length * 8 - literal.prefix);
      const base = literal.version === 4 ? IPV4_BASE : 0n;
      const low = (bytesToNumber(literal.bytes) >> hostBits) << hostBits;
      return { low: base + low, high: base + low + (1n << hostBits) - 1n };
    }
    case "string":
      return undefined;
  }
}

function bytesToNumber(bytes: readonly number[]): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The values for which `value OPERATOR literal` holds. */
export function satisfying(operator: CompareOperator, literal: Range, universe: Range): ValueSet {
  const below: Range = { low: universe.low, high: literal.low - 1n };
  const above: Range = { low: literal.high + 1n, high: universe.high };
  switch (operator) {
    case "==":
      return normalized([literal]);
    case "!=":
      return normalized([below, above]);
    case "<":
      return normalized([below]);
    case "<=":
      return normalized([{ low: universe.low, high: literal.high }]);
    case ">":
      return normalized([above]);
    case ">=":
      return normalized([{ low: literal.low, high: universe.high }]);
  }
}

/** Sorted and merged; empty ranges are left out. */
export function normalized(ranges: readonly Range[]): ValueSet {
  const sorted = ranges
    .filter((range) => range.low <= range.high)
    .sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0));
  const merged: Range[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && range.low <= last.high + 1n) {
      merged[merged.length - 1] = { low: last.low, high: larger(range.high, last.high) };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

export function intersection(a: ValueSet, b: ValueSet): ValueSet {
  const common: Range[] = [];
  let i = 0;
  let j = 0;
  for (let x = a[i], y = b[j]; x !== undefined && y !== undefined; x = a[i], y = b[j]) {
    const low = larger(x.low, y.low);
    const high = smaller(x.high, y.high);
    if (low <= high) common.push({ low, high });
    if (x.high < y.high) i++;
    else j++;
  }
  return common;
}

function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** The first value, as a person writes it. */
export function sampleOf(set: ValueSet, isAddress: boolean): string {
  const first = set[0]?.low ?? 0n;
  if (!isAddress) return String(first);
  return first >= IPV4_BASE ? ipv4Text(first - IPV4_BASE) : ipv6Text(first);
}

function ipv4Text(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join(".");
}

function ipv6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  );
  return groups.join(":").replace(/(?:^|:)0(?::0)+(?:$|:)/, "::");
}
