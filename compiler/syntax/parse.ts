/** Text to syntax tree, with everything that is wrong with the text. Never throws. */
import type { SyntaxCode, SyntaxProblem } from "../../grammar/problem.ts";
import { readText } from "../../grammar/read.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { CodeParams } from "../diagnostics/registry.ts";
import { createReporter, type Reporter } from "../diagnostics/report.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { SourceFile, Span } from "./ast.ts";
import { documentation } from "./documentation.ts";
import { emptySets } from "./empty-sets.ts";
import { declarationsOf } from "./to-ast.ts";

export interface ParseResult {
  readonly file: SourceFile;
  readonly diagnostics: readonly Diagnostic[];
}

export function parseFile(path: string, text: string): ParseResult {
  const reporter = createReporter();
  try {
    return { file: read(path, text, reporter), diagnostics: reporter.diagnostics() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    reporter.report("MBX9001", { file: path, start: 0, end: 0 }, { where: "reading the file", reason });
    const file: SourceFile = { kind: "file", path, text, declarations: [], incomplete: true };
    return { file, diagnostics: reporter.diagnostics() };
  }
}

function read(path: string, text: string, reporter: Reporter): SourceFile {
  const reading = readText(text, nearest);
  const docs = documentation(text, reading.tokens, reading.docs);
  const problems = [...reading.problems, ...docs.problems, ...emptySets(reading)];
  for (const problem of problems) reportProblem(path, problem, reporter);
  const errors = problems.some((problem) => problem.code !== "MBX1014");
  const context = { file: path, docAt: docs.docAt, isBroken: reading.isBroken };
  const declarations = declarationsOf(context, reading.cst);
  return { kind: "file", path, text, declarations, ...(errors ? { incomplete: true } : {}) };
}

function reportProblem<C extends SyntaxCode>(
  file: string,
  problem: SyntaxProblem<C> & { readonly code: C; readonly params: CodeParams[C] },
  reporter: Reporter,
): void {
  const at = (place: { readonly start: number; readonly end: number }): Span => ({
    file,
    start: place.start,
    end: place.end,
  });
  const { help, secondary = [] } = problem;
  reporter.report(problem.code, at(problem), problem.params, {
    secondary: secondary.map((label) => ({ span: at(label), text: label.text })),
    ...(help === undefined
      ? {}
      : {
          help: {
            message: help.message,
            ...(help.fix === undefined ? {} : { fix: { span: at(help.fix), text: help.fix.text } }),
          },
        }),
  });
}
