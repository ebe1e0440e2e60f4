/** SARIF 2.1.0, for code scanning services. */
import type { Span } from "../../syntax/ast.ts";
import type { Diagnostic, Label } from "../diagnostic.ts";
import { explanationOf, isCode } from "../registry.ts";
import type { SourceLookup } from "./sources.ts";

export interface SarifOptions {
  /** Of the compiler. */
  readonly version: string;
}

export function renderSarif(
  diagnostics: readonly Diagnostic[],
  sources: SourceLookup,
  { version }: SarifOptions,
): string {
  const rules = [...new Set(diagnostics.map((diagnostic) => diagnostic.code))].sort();
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "mbx", semanticVersion: version, rules: rules.map(ruleOf) } },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map((diagnostic) => resultOf(diagnostic, rules, sources)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf(code: string) {
  if (!isCode(code)) return { id: code };
  return { id: code, shortDescription: { text: code }, fullDescription: { text: explanationOf(code).cause } };
}

function resultOf(diagnostic: Diagnostic, rules: readonly string[], sources: SourceLookup) {
  const { code, severity, message, primary, secondary, notes, help } = diagnostic;
  const extra = [
    ...notes.map((note) => `note: ${note}`),
    ...(help === undefined ? [] : [`help: ${help.message}`]),
  ];
  return {
    ruleId: code,
    ruleIndex: rules.indexOf(code),
    level: severity,
    message: { text: [message, ...extra].join("\n") },
    locations: [locationOf(primary, sources)],
    ...(secondary.length === 0
      ? {}
      : { relatedLocations: secondary.map((label, id) => ({ id, ...locationOf(label, sources) })) }),
    ...(help?.fix === undefined ? {} : { fixes: [fixOf(help.message, help.fix, sources)] }),
  };
}

function locationOf({ span, text }: Label, sources: SourceLookup) {
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(span.file) }, ...regionOf(span, sources) },
    ...(text === "" ? {} : { message: { text } }),
  };
}

function regionOf(span: Span, sources: SourceLookup) {
  const source = sources(span.file);
  if (source === undefined) return {};
  const [start, end] = [source.positionAt(span.start), source.positionAt(span.end)];
  return {
    region: {
      startLine: start.line,
      startColumn: start.column,
      endLine: end.line,
      endColumn: end.column,
    },
  };
}

function fixOf(message: string, fix: { readonly span: Span; readonly text: string }, sources: SourceLookup) {
  const { region } = { region: undefined, ...regionOf(fix.span, sources) };
  return {
    description: { text: message },
    artifactChanges: [
      {
        artifactLocation: { uri: uriOf(fix.span.file) },
        replacements: [
          {
            deletedRegion: region ?? {
              charOffset: fix.span.start,
              charLength: fix.span.end - fix.span.start,
            },
            insertedContent: { text: fix.text },
          },
        ],
      },
    ],
  };
}

/** A path as a relative URI reference. */
function uriOf(file: string): string {
  return file.split(/[\\/]/).map(encodeURIComponent).join("/");
}
