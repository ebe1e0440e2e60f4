/**
 * A program: root files with what they import, checked once and looked at by
 * the command line, the tests and, later, a language server.
 */
import { normalize } from "node:path";
import { bindProgram } from "./bind/bind.ts";
import type { Host } from "./bind/host.ts";
import { type FileSource, loadFiles, type ParsedFile } from "./bind/load.ts";
import type { BoundProgram } from "./bind/model.ts";
import { checkProgram } from "./check/check.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { createReporter, inOrder, type Report } from "./diagnostics/report.ts";
import type { ProgramIr } from "./ir/ir.ts";
import { type CheckedValues, lowerProgram } from "./ir/lower.ts";
import type { Span } from "./syntax/ast.ts";
import { parseFile } from "./syntax/parse.ts";

/**
 * What the diagnostics are for. To check, what cannot be built yet is a warning
 * and so is a missing handler; to build, the former is an error, and the latter
 * is no matter, because its stub is written: unless its name looks mistyped.
 */
export type Purpose = "check" | "build";

export interface Program {
  /** Of all roots and their imports; each once, in order of file and place. */
  readonly check: (purpose?: Purpose) => readonly Diagnostic[];
  /** Undefined where the root has errors; what is not built yet is none. */
  readonly ir: (root: string) => ProgramIr | undefined;
  /** Text of a file, as it was when it was checked. */
  readonly sourceText: (path: string) => string | undefined;
  /** The program of a root as it was bound: for tools that ask about names. */
  readonly bound: (root: string) => BoundProgram | undefined;
}

interface CheckedRoot {
  readonly diagnostics: readonly Diagnostic[];
  /** Absent where the root cannot be read. */
  readonly bound?: BoundProgram;
  readonly values?: CheckedValues;
}

const NOT_BUILT = "MBX5900";
const NO_HANDLER = "MBX6001";

/** Reads and checks nothing until it is asked. */
export function createProgram(host: Host, roots: readonly string[]): Program {
  const texts = new Map<string, string>();
  const source = createSource(host, texts);
  const checked = new Map<string, CheckedRoot>();
  const irs = new Map<string, ProgramIr>();

  const checkedRoot = (root: string): CheckedRoot => {
    const known = checked.get(root);
    if (known !== undefined) return known;
    const result = checkRoot(root, source, host);
    checked.set(root, result);
    return result;
  };

  return {
    check: (purpose = "check") => {
      const all = roots.flatMap((root) => checkedRoot(root).diagnostics);
      return inOrder(all.flatMap((diagnostic) => forPurpose(diagnostic, purpose) ?? []));
    },
    ir: (root) => {
      const known = irs.get(root);
      if (known !== undefined) return known;
      const { diagnostics, bound, values } = checkedRoot(root);
      const failed = diagnostics.some((one) => one.severity === "error" && one.code !== NOT_BUILT);
      if (failed || bound === undefined || values === undefined) return undefined;
      const ir = lowerProgram(root, bound, values);
      irs.set(root, ir);
      return ir;
    },
    sourceText: (path) => texts.get(normalize(path)) ?? host.readFile(path),
    bound: (root) => checkedRoot(root).bound,
  };
}

function createSource(host: Host, texts: Map<string, string>): FileSource {
  const parsed = new Map<string, ParsedFile>();
  return (path) => {
    const known = parsed.get(path);
    if (known !== undefined) return known;
    const text = host.readFile(path);
    if (text === undefined) return undefined;
    const result = parseFile(path, text);
    texts.set(path, text);
    parsed.set(path, result);
    return result;
  };
}

function checkRoot(root: string, source: FileSource, host: Host): CheckedRoot {
  const reporter = createReporter();
  const files = loadFiles(root, source, reporter);
  if (files.length === 0) return { diagnostics: reporter.diagnostics() };
  const report = exceptAt(
    files.flatMap((file) => file.unread),
    reporter.report,
  );
  const bound = bindProgram(normalize(root), files, report);
  const values = checkProgram(bound, report, host);
  return { diagnostics: reporter.diagnostics(), bound, values };
}

/** Says nothing of a word that was a syntax error already: what it was taken for is a guess. */
function exceptAt(unread: readonly Span[], report: Report): Report {
  if (unread.length === 0) return report;
  return (code, span, params, details) => {
    const isGuess = unread.some(
      (one) => one.file === span.file && one.start <= span.start && span.end <= one.end,
    );
    if (!isGuess) report(code, span, params, details);
  };
}

function forPurpose(diagnostic: Diagnostic, purpose: Purpose): Diagnostic | undefined {
  if (diagnostic.code === NOT_BUILT && purpose === "check") return { ...diagnostic, severity: "warning" };
  const isStub = diagnostic.code === NO_HANDLER && diagnostic.help === undefined;
  return isStub && purpose === "build" ? undefined : diagnostic;
}
