/**
 * Type-checks the handlers in TypeScript against their generated types. Options
 * are ours, not those of a tsconfig.json that happens to lie about: a chain
 * means the same wherever it is built. Imports resolve as esbuild resolves them.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { createDiagnostic } from "../diagnostics/report.ts";
import type { Span } from "../syntax/ast.ts";
import { places } from "./places.ts";
import type { SubscriptionSpans } from "./subscribed.ts";
import { takeSuggestion } from "./suggestion.ts";
import { type CheckedFile, remember } from "./types-checked.ts";

export interface TsHandler {
  readonly nf: string;
  /** Absolute. */
  readonly file: string;
  readonly callbacks: readonly string[];
}

export interface TsContext {
  readonly handlers: readonly TsHandler[];
  readonly spans: SubscriptionSpans;
  /** Where the result of a check without errors is remembered; absent: it is not. */
  readonly cache?: string;
  /** Modules that are not written, or are older there: text by absolute path. */
  readonly generated?: ReadonlyMap<string, string>;
  readonly shown: (file: string) => string;
}

export function checkHandlers(context: TsContext): readonly Diagnostic[] {
  const { cache, handlers } = context;
  if (handlers.length === 0) return [];
  const roots = context.handlers.map((handler) => handler.file);
  const options = optionsFor(roots);
  const host = hostWith(context.generated ?? new Map(), options);
  const program = ts.createProgram({ rootNames: roots, options, host });
  // What does not parse has no types to speak of.
  const syntax = program.getSyntacticDiagnostics();
  const found = syntax.length > 0 ? syntax : ts.getPreEmitDiagnostics(program);
  const said = withoutConsequences(found).flatMap((one) => translate(one, context));
  const diagnostics = syntax.length > 0 ? said : [...said, ...withoutDefault(program, context)];
  if (diagnostics.length === 0 && cache !== undefined) remember(cache, handlers, ownFiles(program));
  return diagnostics;
}

function hostWith(generated: ReadonlyMap<string, string>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options, true);
  const { readFile, fileExists } = host;
  host.readFile = (name) => generated.get(path.resolve(name)) ?? readFile(name);
  host.fileExists = (name) => generated.has(path.resolve(name)) || fileExists(name);
  return host;
}

/** What a worker calls is the handler's default export; a module without one has correct types, too. */
function withoutDefault(program: ts.Program, context: TsContext): readonly Diagnostic[] {
  const checker = program.getTypeChecker();
  return context.handlers.flatMap((handler) => {
    const source = program.getSourceFile(handler.file);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    const names = module === undefined ? [] : checker.getExportsOfModule(module).map((one) => one.name);
    if (source === undefined || names.includes("default")) return [];
    const file = context.shown(handler.file);
    const span = context.spans.handler(handler.nf) ?? { file, start: 0, end: 0 };
    const text = `\`${file}\` does not export default \`${handler.nf}({ … })\``;
    const callbacks = handler.callbacks.map((name) => `  ${name}(ctx, m) {},\n`).join("");
    const help = { message: `add to \`${file}\`:\nexport default ${handler.nf}({\n${callbacks}});` };
    return [createDiagnostic("MBX6004", span, { code: "no default export", text }, { help })];
  });
}

function optionsFor(roots: readonly string[]): ts.CompilerOptions {
  return {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts"],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    allowImportingTsExtensions: true,
    isolatedModules: true,
    esModuleInterop: true,
    resolveJsonModule: true,
    types: ["node"],
    typeRoots: typeRoots(roots[0] ?? places.root),
  };
}

/** The author's own types of Node, where there are some; else the clone's. */
function typeRoots(handler: string): string[] {
  const roots: string[] = [];
  for (let folder = path.dirname(handler); ; folder = path.dirname(folder)) {
    roots.push(path.join(folder, "node_modules/@types"));
    if (path.dirname(folder) === folder) break;
  }
  return [...roots, places.types].filter((root) => existsSync(path.join(root, "node")));
}

function translate(one: ts.Diagnostic, context: TsContext): readonly Diagnostic[] {
  if (one.category !== ts.DiagnosticCategory.Error) return [];
  const text = ts.flattenDiagnosticMessageText(one.messageText, "\n");
  const [first = "", ...rest] = text.split("\n").map((line) => line.trim());
  if (one.file === undefined) {
    return [createDiagnostic("MBX9002", { file: "", start: 0, end: 0 }, { unit: "handlers", reason: first })];
  }
  if (/\.gen\.ts$/.test(one.file.fileName)) {
    const unit = path.basename(one.file.fileName);
    return [createDiagnostic("MBX9002", { file: "", start: 0, end: 0 }, { unit, reason: first })];
  }
  const span = spanOf(one.file.fileName, one.start ?? 0, one.length ?? 0, context);
  const callbacks = callbackDiagnostics(one, text, span, context);
  if (callbacks !== undefined) return callbacks;
  const underlined = one.file.text.slice(span.start, span.end);
  const said = takeSuggestion(withoutStop(first), span, underlined);
  return [
    createDiagnostic(
      "MBX6004",
      span,
      { code: `TS${one.code}`, text: withoutStop(said.text) },
      {
        secondary: related(one, context),
        notes: rest.map(withoutStop),
        ...(said.help === undefined ? {} : { help: said.help }),
      },
    ),
  ];
}

/** "Parameter implicitly has an `any` type": what follows where a handler's types could not be told. */
const IMPLICIT_ANY: ReadonlySet<number> = new Set([7006, 7019, 7031, 7051]);

function withoutConsequences(found: readonly ts.Diagnostic[]): readonly ts.Diagnostic[] {
  const causes = new Set(found.filter((one) => !IMPLICIT_ANY.has(one.code)).map((one) => one.file));
  return found.filter((one) => !IMPLICIT_ANY.has(one.code) || !causes.has(one.file));
}

function withoutStop(text: string): string {
  return text.replace(/'([^']*)'/g, "`$1`").replace(/\.$/, "");
}

function spanOf(file: string, start: number, length: number, context: TsContext): Span {
  return { file: context.shown(path.resolve(file)), start, end: start + length };
}

/** Places in the author's own files; in generated or library files they help nobody. */
function related(one: ts.Diagnostic, context: TsContext) {
  return (one.relatedInformation ?? []).flatMap((info) => {
    const file = info.file?.fileName;
    if (file === undefined || file.includes("/node_modules/") || file.endsWith(".gen.ts")) return [];
    const text = withoutStop(ts.flattenDiagnosticMessageText(info.messageText, " "));
    return [{ span: spanOf(file, info.start ?? 0, info.length ?? 0, context), text }];
  });
}

const MISSING = /Property '(?<name>\w+)' is missing in type/;
const MISSING_SEVERAL = /is missing the following properties from type '[^']*': (?<names>[\w, ]+)/;
const UNKNOWN = /'(?<name>\w+)' does not exist in type '(?<type>[^']*)'/;

/** Errors of the object that a handler hands to its NF's factory are about callbacks. */
function callbackDiagnostics(
  one: ts.Diagnostic,
  text: string,
  span: Span,
  context: TsContext,
): readonly Diagnostic[] | undefined {
  const file = path.resolve(one.file?.fileName ?? "");
  const handler = context.handlers.find((candidate) => candidate.file === file);
  if (handler === undefined || !isFactoryArgument(one, handler)) return undefined;
  const groups = MISSING.exec(text)?.groups ?? MISSING_SEVERAL.exec(text)?.groups;
  if (groups !== undefined) {
    const names = (groups.name ?? groups.names ?? "").split(/,\s*/);
    const missing = names.filter((name) => handler.callbacks.includes(name));
    return missing.length === 0
      ? undefined
      : missing.map((name) => missingCallback(name, handler, span, context));
  }
  const unknown = UNKNOWN.exec(text)?.groups?.name;
  if (unknown === undefined || handler.callbacks.includes(unknown)) return undefined;
  const similar = handler.callbacks.find((name) => text.includes(`Did you mean to write '${name}'`));
  return [
    createDiagnostic(
      "MBX6003",
      span,
      { callback: unknown, nf: handler.nf },
      {
        help: {
          message:
            similar === undefined
              ? `callbacks of \`${handler.nf}\`: ${handler.callbacks.map((name) => `\`${name}\``).join(", ")}`
              : `a callback of \`${handler.nf}\` has a similar name: \`${similar}\``,
          ...(similar === undefined ? {} : { fix: { span, text: similar } }),
        },
      },
    ),
  ];
}

function missingCallback(name: string, handler: TsHandler, at: Span, context: TsContext): Diagnostic {
  const file = context.shown(handler.file);
  const span = context.spans.callback(handler.nf, name) ?? at;
  return createDiagnostic(
    "MBX6002",
    span,
    { callback: name, nf: handler.nf, file },
    {
      help: { message: `add to \`${file}\`: \`${name}(ctx, m) {},\`` },
    },
  );
}

/** Whether the error lies directly in the object given to `NAME({ … })`. */
function isFactoryArgument(one: ts.Diagnostic, handler: TsHandler): boolean {
  const file = one.file;
  if (file === undefined || one.start === undefined) return false;
  let node: ts.Node | undefined = tokenAt(file, one.start);
  for (let depth = 0; node !== undefined; node = node.parent) {
    if (ts.isObjectLiteralExpression(node)) depth++;
    if (
      ts.isCallExpression(node) &&
      ts.isIdentifier(node.expression) &&
      node.expression.text === handler.nf
    ) {
      return depth <= 1;
    }
  }
  return false;
}

function tokenAt(file: ts.SourceFile, position: number): ts.Node {
  let found: ts.Node = file;
  const visit = (node: ts.Node): void => {
    if (node.getStart(file) <= position && position < node.getEnd()) {
      found = node;
      ts.forEachChild(node, visit);
    }
  };
  ts.forEachChild(file, visit);
  return found;
}

/** Files that the types of handlers depend on: their own imports, not what Node and the language have. */
function ownFiles(program: ts.Program): readonly CheckedFile[] {
  return program
    .getSourceFiles()
    .filter((source) => !program.isSourceFileDefaultLibrary(source))
    .filter((source) => !source.fileName.includes("/node_modules/"))
    .map((source) => ({ file: path.resolve(source.fileName), text: source.text }));
}
