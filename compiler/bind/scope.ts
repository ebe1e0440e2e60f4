/** The program's tables of names, and what each file sees of them. */

import { enums as builtinEnums } from "../catalog/enums.ts";
import { events as builtinEvents } from "../catalog/events.ts";
import { catalogEnum, catalogEvent } from "../catalog/lookup.ts";
import type { Report, ReportDetails } from "../diagnostics/report.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Declaration, Name } from "../syntax/ast.ts";
import type { LoadedFile } from "./model.ts";

/** Constants, enums and events share a space: each becomes a C type or constant. */
export type Space = "type" | "stack" | "nf" | "chain";

export type NamedDecl = Exclude<Declaration, { readonly kind: "import" }>;

export const kindWords = {
  const: "constant",
  enum: "enum",
  event: "event",
  stack: "stack",
  nf: "network function",
  chain: "chain",
} as const satisfies Record<NamedDecl["kind"], string>;

export function spaceOf(kind: NamedDecl["kind"]): Space {
  switch (kind) {
    case "const":
    case "enum":
    case "event":
      return "type";
    case "stack":
    case "nf":
    case "chain":
      return kind;
  }
}

const builtinTypes = [
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
  "bytes",
  "text",
] as const;

export function isBuiltinType(name: string): boolean {
  return builtinTypes.some((type) => type === name);
}

export const typeNames: readonly string[] = [...builtinTypes, ...builtinEnums.map((one) => one.name)];

/** What the language has already, where a declaration must not redeclare it. */
function builtinMeaning(decl: NamedDecl): string | undefined {
  if (spaceOf(decl.kind) !== "type") return undefined;
  const name = decl.name.text;
  if (catalogEvent(name) !== undefined) return "event";
  if (catalogEnum(name) !== undefined) return "enum";
  if (isBuiltinType(name)) return "type";
  return name === "true" || name === "false" ? "value" : undefined;
}

/** The first declaration of each name of the program, by space. */
export interface NameTable {
  readonly declarations: readonly NamedDecl[];
  readonly find: (space: Space, name: string) => NamedDecl | undefined;
  readonly names: (kinds: readonly NamedDecl["kind"][]) => readonly string[];
  readonly sees: (file: string, decl: NamedDecl) => boolean;
  /** A declaration of this name may have been lost to a syntax error, or to an import that cannot be read. */
  readonly mayBeLost: (name: string) => boolean;
}

export function createNameTable(files: readonly LoadedFile[], report: Report): NameTable {
  const spaces: Record<Space, Map<string, NamedDecl>> = {
    type: new Map(),
    stack: new Map(),
    nf: new Map(),
    chain: new Map(),
  };
  const declarations: NamedDecl[] = [];
  for (const file of files) {
    for (const decl of file.syntax.declarations) {
      if (decl.kind !== "import" && declare(spaces[spaceOf(decl.kind)], decl, report))
        declarations.push(decl);
    }
  }
  const reach = reachability(files);
  return {
    declarations,
    find: (space, name) => spaces[space].get(name),
    names: (kinds) => declarations.filter((decl) => kinds.includes(decl.kind)).map((decl) => decl.name.text),
    sees: (file, decl) => file === decl.span.file || reach(file).has(decl.span.file),
    mayBeLost: createLostNames(files),
  };
}

function declare(space: Map<string, NamedDecl>, decl: NamedDecl, report: Report): boolean {
  const builtin = builtinMeaning(decl);
  if (builtin !== undefined) {
    report("MBX2003", decl.name.span, { name: decl.name.text, what: `built-in ${builtin}` });
    return false;
  }
  const previous = space.get(decl.name.text);
  if (previous !== undefined) {
    const params = { kind: kindWords[decl.kind], name: decl.name.text, previous: kindWords[previous.kind] };
    report("MBX2002", decl.name.span, params, {
      secondary: [{ span: previous.name.span, text: "first declared here" }],
    });
    return false;
  }
  space.set(decl.name.text, decl);
  return true;
}

/** Files that a file imports, directly or through others; computed where asked. */
function reachability(files: readonly LoadedFile[]): (file: string) => ReadonlySet<string> {
  const known = new Map<string, Set<string>>();
  const byPath = new Map(files.map((file) => [file.path, file]));
  return (path) => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const reached = new Set<string>();
    const todo = [path];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      for (const imported of byPath.get(next)?.imports ?? []) {
        if (!reached.has(imported)) todo.push(imported);
        reached.add(imported);
      }
    }
    known.set(path, reached);
    return reached;
  };
}

/** Names behind declaring words in files whose syntax is broken; all names where an import is missing. */
function createLostNames(files: readonly LoadedFile[]): (name: string) => boolean {
  const unread = files.some(
    (file) => file.imports.length < file.syntax.declarations.filter((decl) => decl.kind === "import").length,
  );
  if (unread) return () => true;
  let lost: Set<string> | undefined;
  return (name) => {
    if (lost === undefined) {
      lost = new Set();
      for (const file of files) {
        if (!file.hasSyntaxErrors) continue;
        const declaring = /\b(?:const|enum|event|stack|nf|chain)\s+([A-Za-z_]\w*)/g;
        for (const match of file.syntax.text.matchAll(declaring)) lost.add(match[1] ?? "");
      }
    }
    return lost.has(name);
  };
}

/** Looks names up, and reports those that lead nowhere. */
export interface Resolver {
  readonly resolve: (kind: NamedDecl["kind"], name: Name) => NamedDecl | undefined;
  /** "There is no …", with the nearest name that exists. */
  readonly unknown: (kind: string, name: Name, candidates: readonly string[]) => void;
  readonly suggested: ReadonlySet<string>;
}

export function createResolver(table: NameTable, report: Report): Resolver {
  const suggested = new Set<string>();
  const unknown = (kind: string, name: Name, candidates: readonly string[]): void => {
    if (table.mayBeLost(name.text)) return;
    const near = nearest(name.text, candidates);
    if (near !== undefined) suggested.add(near);
    report("MBX2001", name.span, { kind, name: name.text }, suggestion(near, name));
  };
  return {
    suggested,
    unknown,
    resolve: (kind, name) => {
      const decl = table.find(spaceOf(kind), name.text);
      if (decl === undefined || decl.kind !== kind) {
        const builtins = kind === "event" ? builtinEvents.map((event) => event.name) : [];
        unknown(kindWords[kind], name, [...table.names([kind]), ...builtins]);
        return undefined;
      }
      if (table.sees(name.span.file, decl)) return decl;
      const params = { kind: kindWords[kind], name: name.text, file: baseName(decl.span.file) };
      report("MBX2014", name.span, params, {
        secondary: [{ span: decl.name.span, text: "declared here" }],
      });
      return undefined;
    },
  };
}

export function suggestion(near: string | undefined, name: Name): ReportDetails {
  if (near === undefined) return {};
  return { help: { message: `\`${near}\` has a similar name`, fix: { span: name.span, text: near } } };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
