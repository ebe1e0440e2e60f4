/** Reads the root file and everything it imports. */
import { dirname, join, normalize } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Report, Reporter } from "../diagnostics/report.ts";
import type { Declaration, ImportDecl, SourceFile } from "../syntax/ast.ts";
import type { LoadedFile } from "./model.ts";

export interface ParsedFile {
  readonly file: SourceFile;
  readonly diagnostics: readonly Diagnostic[];
}

/** Gives a file's tree, or undefined where there is no such file; parses each once. */
export type FileSource = (path: string) => ParsedFile | undefined;

/** A file that is being loaded: its imports that have not been followed yet. */
interface Frame {
  readonly path: string;
  readonly parsed: ParsedFile;
  readonly pending: ImportDecl[];
  readonly imports: string[];
}

/**
 * Files in the order "imported before importing", the root last. A cycle is
 * reported at the import that closes it and is then not followed. Walks with a
 * list of its own, so that a long chain of imports does not exhaust the stack.
 */
export function loadFiles(root: string, source: FileSource, reporter: Reporter): readonly LoadedFile[] {
  const loaded = new Map<string, LoadedFile>();
  const active: Frame[] = [];
  const first = enter(normalize(root), source);
  if (first === undefined) {
    const span = { file: normalize(root), start: 0, end: 0 };
    reporter.report("MBX2013", span, { path: root });
    return [];
  }
  active.push(first);
  for (let frame = active.at(-1); frame !== undefined; frame = active.at(-1)) {
    const next = frame.pending.shift();
    if (next === undefined) {
      active.pop();
      reporter.add(frame.parsed.diagnostics);
      loaded.set(frame.path, finish(frame));
      continue;
    }
    const opened = follow(frame, next, active, loaded, source, reporter.report);
    if (opened !== undefined) active.push(opened);
  }
  return [...loaded.values()];
}

function enter(path: string, source: FileSource): Frame | undefined {
  const parsed = source(path);
  if (parsed === undefined) return undefined;
  const pending = parsed.file.declarations.filter((decl) => decl.kind === "import");
  return { path, parsed, pending, imports: [] };
}

function follow(
  from: Frame,
  decl: ImportDecl,
  active: readonly Frame[],
  loaded: ReadonlyMap<string, LoadedFile>,
  source: FileSource,
  report: Report,
): Frame | undefined {
  const path = normalize(join(dirname(from.path), decl.path.value));
  const at = active.findIndex((frame) => frame.path === path);
  if (at >= 0) {
    const cycle = [...active.slice(at).map((frame) => frame.path), path];
    report("MBX2012", decl.path.span, { cycle: cycle.map((one) => shortName(one, from.path)) });
    return undefined;
  }
  if (loaded.has(path)) {
    from.imports.push(path);
    return undefined;
  }
  const frame = enter(path, source);
  if (frame === undefined) {
    report("MBX2013", decl.path.span, { path: decl.path.value });
    return undefined;
  }
  from.imports.push(path);
  return frame;
}

/** A path as seen from another file's folder, where it lies in it. */
function shortName(path: string, from: string): string {
  const folder = dirname(from);
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}

function finish(frame: Frame): LoadedFile {
  const errors = frame.parsed.diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  return {
    path: frame.path,
    syntax: frame.parsed.file,
    imports: frame.imports,
    broken: brokenDeclarations(frame.parsed.file, errors),
    unread: errors.map((error) => error.primary.span),
    hasSyntaxErrors: errors.length > 0 || frame.parsed.file.incomplete === true,
  };
}

/**
 * Those that the parser says are incomplete, and those with an error inside: an
 * error belongs to the last declaration that begins before it.
 */
function brokenDeclarations(file: SourceFile, errors: readonly Diagnostic[]): ReadonlySet<Declaration> {
  const broken = new Set<Declaration>(file.declarations.filter((decl) => decl.incomplete === true));
  const places = errors.map((error) => error.primary.span.start).sort((a, b) => a - b);
  let last: Declaration | undefined;
  let index = 0;
  for (const decl of file.declarations) {
    for (let place = places[index]; place !== undefined && place < decl.span.start; place = places[++index]) {
      if (last !== undefined) broken.add(last);
    }
    last = decl;
  }
  if (last !== undefined && index < places.length) broken.add(last);
  return broken;
}
