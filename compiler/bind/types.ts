/** Binds enums, field types and events with what they inherit. */
import { catalogEnum, catalogEvent } from "../catalog/lookup.ts";
import type { EventDef } from "../catalog/types.ts";
import type { Report } from "../diagnostics/report.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { EnumIr, ScalarName, TypeIr } from "../ir/ir.ts";
import type { EventDecl, FieldDecl, Name, TypeNode } from "../syntax/ast.ts";
import type { EnumLookup } from "./constants.ts";
import type { BoundField, EnumSymbol, EventSymbol, EventTarget } from "./model.ts";
import { type NameTable, type Resolver, suggestion, typeNames } from "./scope.ts";

/** The most that a `bytes` or `text` field may hold: what a record has room for. */
export const LONGEST_FIELD = 448;

/** What one byte can number. */
const MOST_MEMBERS = 256;

const scalars: readonly ScalarName[] = [
  "bool",
  "u8",
  "u16",
  "u32",
  "u64",
  "i32",
  "i64",
  "ip",
  "mac",
  "time",
  "duration",
];

export function bindEnums(table: NameTable, report: Report): readonly EnumSymbol[] {
  return table.declarations
    .filter((decl) => decl.kind === "enum")
    .map((decl) => {
      const members = distinctMembers(decl.members, `enum \`${decl.name.text}\``, report);
      return {
        kind: "enum",
        name: decl.name.text,
        decl,
        ir: { name: decl.name.text, members, doc: decl.doc },
      };
    });
}

/** A built-in enum, or one that the file sees. */
export function enumLookup(enums: readonly EnumSymbol[], table: NameTable): EnumLookup {
  const byName = new Map(enums.map((one) => [one.name, one]));
  return (name, file) => {
    const builtin = catalogEnum(name);
    if (builtin !== undefined) return builtin;
    const found = byName.get(name);
    return found !== undefined && table.sees(file, found.decl) ? found.ir : undefined;
  };
}

function distinctMembers(members: readonly Name[], owner: string, report: Report): readonly string[] {
  const first = new Map<string, Name>();
  for (const member of members) {
    const previous = first.get(member.text);
    if (previous === undefined) {
      first.set(member.text, member);
    } else {
      report(
        "MBX2006",
        member.span,
        { member: member.text, owner },
        {
          secondary: [{ span: previous.span, text: "listed first here" }],
        },
      );
    }
  }
  const last = members.at(-1);
  if (last !== undefined && first.size > MOST_MEMBERS) {
    report("MBX2021", last.span, { owner, count: first.size });
  }
  return [...first.keys()];
}

export interface TypeContext {
  readonly table: NameTable;
  readonly resolver: Resolver;
  readonly enumNamed: EnumLookup;
  readonly report: Report;
}

/** Fields of an event or a state; `owner` names them in messages: "event `X`". */
export function bindFields(
  context: TypeContext,
  decls: readonly FieldDecl[],
  owner: string,
  ownerName: string,
): readonly BoundField[] {
  const first = new Map<string, FieldDecl>();
  const fields: BoundField[] = [];
  for (const decl of decls) {
    const name = decl.name.text;
    const previous = first.get(name);
    if (previous !== undefined) {
      context.report(
        "MBX2004",
        decl.name.span,
        { field: name, owner },
        {
          secondary: [{ span: previous.name.span, text: "declared first here" }],
        },
      );
      continue;
    }
    first.set(name, decl);
    const type = bindType(context, decl.type, `${ownerName}.${name}`);
    fields.push({ decl, name, ...(type === undefined ? {} : { ir: { name, type, doc: decl.doc } }) });
  }
  return fields;
}

function bindType(context: TypeContext, node: TypeNode, place: string): TypeIr | undefined {
  if (node.kind === "type-enum") {
    const members = distinctMembers(node.members, `the enum of \`${place}\``, context.report);
    return { kind: "enum", enum: { name: place, members, doc: "" } };
  }
  const name = node.name.text;
  if (name === "bytes" || name === "text") return bindSized(context, node, name);
  if (node.size !== undefined) {
    context.report("MBX2008", node.span, { type: name, problem: "has a size of its own and takes none" });
    return undefined;
  }
  const scalar = scalars.find((one) => one === name);
  if (scalar !== undefined) return { kind: "scalar", name: scalar };
  const found = bindEnumName(context, node.name);
  return found === undefined ? undefined : { kind: "enum", enum: found };
}

function bindSized(
  context: TypeContext,
  node: TypeNode & { readonly kind: "type-name" },
  name: "bytes" | "text",
): TypeIr | undefined {
  if (node.size === undefined) {
    const problem = `needs the most it may hold: \`${name}<64>\``;
    context.report("MBX2008", node.span, { type: name, problem });
    return undefined;
  }
  const size = node.size.value;
  if (node.size.unit === "duration" || size < 1n || size > BigInt(LONGEST_FIELD)) {
    const type = `${name}<${node.size.text}>`;
    context.report("MBX2008", node.size.span, { type, problem: `must hold 1 to ${LONGEST_FIELD} bytes` });
    return undefined;
  }
  return { kind: name, size: Number(size) };
}

/** What other languages call our types. */
const foreignTypes: ReadonlyMap<string, string> = new Map([
  ["boolean", "bool"],
  ["string", "text<64>"],
  ["str", "text<64>"],
  ["buffer", "bytes<64>"],
  ["byte", "u8"],
  ["char", "u8"],
  ["short", "u16"],
  ["int", "i32"],
  ["uint", "u32"],
  ["long", "i64"],
  ["number", "u64"],
  ["int32", "i32"],
  ["int64", "i64"],
  ["uint8", "u8"],
  ["uint16", "u16"],
  ["uint32", "u32"],
  ["uint64", "u64"],
  ["uint8_t", "u8"],
  ["uint16_t", "u16"],
  ["uint32_t", "u32"],
  ["uint64_t", "u64"],
  ["address", "ip"],
]);

function bindEnumName(context: TypeContext, name: Name): EnumIr | undefined {
  const found = context.enumNamed(name.text, name.span.file);
  if (found !== undefined) return found;
  if (context.table.find("type", name.text)?.kind === "enum") {
    context.resolver.resolve("enum", name);
  } else if (!context.table.mayBeLost(name.text)) {
    const ours = foreignTypes.get(name.text);
    const near = nearest(name.text, [...typeNames, ...context.table.names(["enum"])]);
    context.report(
      "MBX2007",
      name.span,
      { name: name.text },
      ours === undefined
        ? suggestion(near, name)
        : { help: { message: `it is written \`${ours}\` here`, fix: { span: name.span, text: ours } } },
    );
  }
  return undefined;
}

/** Events by name; parents are bound before their children. */
export function bindEvents(context: TypeContext): readonly EventSymbol[] {
  const bound = new Map<string, EventSymbol>();
  const decls = context.table.declarations.filter((decl) => decl.kind === "event");
  const order: EventSymbol[] = [];
  for (const decl of decls) bindEvent(context, decl, bound, order);
  return order;
}

function bindEvent(
  context: TypeContext,
  decl: EventDecl,
  bound: Map<string, EventSymbol>,
  order: EventSymbol[],
): void {
  const active: EventDecl[] = [];
  let broken = false;
  for (let next: EventDecl | undefined = decl; next !== undefined && !bound.has(next.name.text); ) {
    if (active.includes(next)) {
      const cycle = active.slice(active.indexOf(next));
      const closing = active.at(-1) ?? next;
      context.report("MBX2010", closing.parent.span, {
        cycle: [...cycle, next].map((one) => one.name.text),
      });
      broken = true;
      break;
    }
    active.push(next);
    if (catalogEvent(next.parent.text) !== undefined) break;
    const parent: ReturnType<NameTable["find"]> = context.table.find("type", next.parent.text);
    next = parent?.kind === "event" ? parent : undefined;
  }
  for (const one of active.reverse()) {
    const event = bindOneEvent(
      context,
      one,
      broken ? undefined : eventTarget(context, one.parent, bound),
      bound,
    );
    bound.set(event.name, event);
    order.push(event);
  }
}

function eventTarget(
  context: TypeContext,
  name: Name,
  bound: ReadonlyMap<string, EventSymbol>,
): EventTarget | undefined {
  const def = catalogEvent(name.text);
  if (def !== undefined) return { kind: "builtin", def };
  const decl = context.resolver.resolve("event", name);
  const event = decl === undefined ? undefined : bound.get(decl.name.text);
  return event === undefined ? undefined : { kind: "user", event };
}

function bindOneEvent(
  context: TypeContext,
  decl: EventDecl,
  parent: EventTarget | undefined,
  bound: ReadonlyMap<string, EventSymbol>,
): EventSymbol {
  const name = decl.name.text;
  const base = baseOf(context, decl, parent);
  const inherited = parent?.kind === "user" ? parent.event.fields : [];
  const own = bindFields(context, decl.fields, `event \`${name}\``, name).filter((field) => {
    const ancestor = inheritedFrom(field.name, inherited, base, bound);
    if (ancestor === undefined) return true;
    context.report(
      "MBX2005",
      field.decl.name.span,
      { field: field.name, event: name, ancestor: ancestor.name },
      {
        secondary: ancestor.span === undefined ? [] : [{ span: ancestor.span, text: "declared here" }],
      },
    );
    return false;
  });
  return {
    kind: "event",
    name,
    decl,
    ...(parent === undefined ? {} : { parent }),
    ...(base === undefined ? {} : { base }),
    fields: [...inherited, ...own],
  };
}

/** The event to extend instead of one that cannot be: the flow's own, of its transport. */
function extensibleInstead({ transport, level }: EventDef): string {
  if (transport !== undefined) return `FLOW_${transport.toUpperCase()}`;
  return level === "flow" ? "FLOW" : "EVENT";
}

function baseOf(
  context: TypeContext,
  decl: EventDecl,
  parent: EventTarget | undefined,
): EventDef | undefined {
  if (parent === undefined) return undefined;
  if (parent.kind === "user") return parent.event.base;
  if (parent.def.extensible) return parent.def;
  const help = extensibleInstead(parent.def);
  context.report(
    "MBX2009",
    decl.parent.span,
    { event: parent.def.name },
    {
      help: { message: `extend \`${help}\``, fix: { span: decl.parent.span, text: help } },
    },
  );
  return undefined;
}

function inheritedFrom(
  name: string,
  inherited: readonly BoundField[],
  base: EventDef | undefined,
  bound: ReadonlyMap<string, EventSymbol>,
): { readonly name: string; readonly span?: FieldDecl["span"] } | undefined {
  const field = inherited.find((one) => one.name === name);
  if (field !== undefined) {
    const owner = [...bound.values()].find((event) => event.decl.fields.includes(field.decl));
    return { name: owner?.name ?? "", span: field.decl.name.span };
  }
  if (name === "time") return { name: "EVENT" };
  return name === "flow" && base?.level === "flow" ? { name: "FLOW" } : undefined;
}
