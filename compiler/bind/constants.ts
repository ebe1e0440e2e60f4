/** Folds constants: each ends at literals, or is reported as a circle. */

import type { Report } from "../diagnostics/report.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { EnumIr, LiteralIr } from "../ir/ir.ts";
import type { ConstDecl, Operand, Ref } from "../syntax/ast.ts";
import type { BoundLiteral, ConstSymbol } from "./model.ts";
import { type NameTable, type Resolver, suggestion } from "./scope.ts";

export type EnumLookup = (name: string, file: string) => EnumIr | undefined;

/** A literal as it is written; names are not literals. */
export function literalOf(operand: Exclude<Operand, Ref>): BoundLiteral {
  const { span } = operand;
  switch (operand.kind) {
    case "number":
      return { literal: { kind: "number", value: operand.value }, unit: operand.unit, span };
    case "string":
      return { literal: { kind: "string", value: operand.value }, unit: "none", span };
    case "mac":
      return { literal: { kind: "mac", bytes: operand.bytes }, unit: "none", span };
    case "ip": {
      const { version, bytes } = operand;
      const prefix = operand.prefix ?? bytes.length * 8;
      return { literal: { kind: "ip", version, bytes, prefix }, unit: "none", span };
    }
  }
}

export function memberLiteral(enumIr: EnumIr, member: string): LiteralIr | undefined {
  const value = enumIr.members.indexOf(member);
  return value < 0 ? undefined : { kind: "member", enum: enumIr, member, value };
}

type Folded = BoundLiteral | readonly BoundLiteral[];

interface Folding {
  readonly table: NameTable;
  readonly resolver: Resolver;
  readonly enumNamed: EnumLookup;
  readonly report: Report;
  readonly done: Map<string, Folded | undefined>;
}

/** Every constant of the program, in source order, folded where it can be. */
export function foldConstants(
  table: NameTable,
  resolver: Resolver,
  enumNamed: EnumLookup,
  report: Report,
): readonly ConstSymbol[] {
  const folding: Folding = { table, resolver, enumNamed, report, done: new Map() };
  return table.declarations
    .filter((decl) => decl.kind === "const")
    .map((decl) => {
      const value = foldConstant(folding, decl);
      return { kind: "const", name: decl.name.text, decl, ...(value === undefined ? {} : { value }) };
    });
}

/**
 * A chain of constants may be long, so those that one needs are folded first,
 * by a list and not by recursion.
 */
function foldConstant(folding: Folding, root: ConstDecl): Folded | undefined {
  const active: ConstDecl[] = [root];
  for (let decl = active.at(-1); decl !== undefined; decl = active.at(-1)) {
    const waiting = folding.done.has(decl.name.text) ? undefined : firstUnfolded(folding, decl);
    if (waiting === undefined) {
      if (!folding.done.has(decl.name.text)) folding.done.set(decl.name.text, combine(folding, decl));
      active.pop();
    } else if (active.includes(waiting.decl)) {
      const cycle = active.slice(active.indexOf(waiting.decl));
      folding.report("MBX2011", waiting.ref.span, {
        cycle: [...cycle, waiting.decl].map((one) => one.name.text),
      });
      for (const one of cycle) folding.done.set(one.name.text, undefined);
    } else {
      active.push(waiting.decl);
    }
  }
  return folding.done.get(root.name.text);
}

function operandsOf(decl: ConstDecl): readonly Operand[] {
  return decl.value.kind === "set" ? decl.value.items : [decl.value];
}

function firstUnfolded(
  folding: Folding,
  decl: ConstDecl,
): { readonly ref: Ref; readonly decl: ConstDecl } | undefined {
  for (const operand of operandsOf(decl)) {
    if (operand.kind !== "ref" || operand.names.length !== 1) continue;
    const name = operand.names[0]?.text ?? "";
    const found = folding.table.find("type", name);
    if (found?.kind === "const" && !folding.done.has(name)) return { ref: operand, decl: found };
  }
  return undefined;
}

function combine(folding: Folding, decl: ConstDecl): Folded | undefined {
  if (decl.value.kind !== "set") return foldOperand(folding, decl.value);
  const items: BoundLiteral[] = [];
  let whole = true;
  for (const operand of decl.value.items) {
    const folded = foldOperand(folding, operand);
    if (folded === undefined) whole = false;
    else if (isSet(folded)) items.push(...folded);
    else items.push(folded);
  }
  if (!whole) return undefined;
  const odd = items.find((item) => typeKey(item.literal) !== typeKey(items[0]?.literal ?? item.literal));
  if (odd === undefined) return items;
  folding.report("MBX2016", odd.span, { name: decl.name.text });
  return undefined;
}

export function isSet(folded: Folded): folded is readonly BoundLiteral[] {
  return Array.isArray(folded);
}

function typeKey(literal: LiteralIr): string {
  return literal.kind === "member" ? literal.enum.name : literal.kind;
}

function foldOperand(folding: Folding, operand: Operand): Folded | undefined {
  if (operand.kind !== "ref") return literalOf(operand);
  const [first, second] = operand.names;
  if (first === undefined) return undefined;
  if (second !== undefined) return foldMember(folding, operand);
  if (first.text === "true" || first.text === "false") {
    return { literal: { kind: "bool", value: first.text === "true" }, unit: "none", span: operand.span };
  }
  const decl = folding.resolver.resolve("const", first);
  const value = decl === undefined ? undefined : folding.done.get(decl.name.text);
  if (value === undefined || isSet(value)) return value;
  return { ...value, span: operand.span };
}

/** `Protocol.http`. */
function foldMember(folding: Folding, ref: Ref): BoundLiteral | undefined {
  const [first, second] = ref.names;
  if (first === undefined || second === undefined) return undefined;
  const enumIr = folding.enumNamed(first.text, ref.span.file);
  if (enumIr === undefined) {
    folding.resolver.unknown("enum", first, folding.table.names(["enum"]));
    return undefined;
  }
  const literal = ref.names.length === 2 ? memberLiteral(enumIr, second.text) : undefined;
  if (literal === undefined) {
    const params = { member: second.text, enumName: enumIr.name };
    folding.report("MBX2103", second.span, params, suggestion(nearest(second.text, enumIr.members), second));
    return undefined;
  }
  return { literal, unit: "none", span: ref.span };
}
