/** Diagnostics for people: the line, what is underlined, what to write instead. */
import { createSource, type Source } from "../../syntax/source.ts";
import type { Diagnostic, Fix, Label } from "../diagnostic.ts";
import { type Paint, type Palette, palette } from "./colour.ts";
import { drawLine, type Mark } from "./snippet.ts";
import type { SourceLookup } from "./sources.ts";
import { summary } from "./summary.ts";

export interface PrettyOptions {
  readonly colour: boolean;
  /** Columns of source that a line shows; longer ones are cut around the mark. */
  readonly width?: number;
}

const WIDTH = 120;
/** A repair that inserts more lines shows this many. */
const FIX_LINES = 6;

interface Drawing {
  readonly sources: SourceLookup;
  readonly paint: Palette;
  readonly underline: Paint;
  readonly gutter: number;
  readonly width: number;
}

/** Ends with how many errors and warnings there are; empty without any. */
export function renderPretty(
  diagnostics: readonly Diagnostic[],
  sources: SourceLookup,
  options: PrettyOptions,
): string {
  if (diagnostics.length === 0) return "";
  const paint = palette(options.colour);
  const blocks = diagnostics.map((diagnostic) => block(diagnostic, sources, paint, options.width ?? WIDTH));
  const total = summary(diagnostics);
  const errors = diagnostics.some((diagnostic) => diagnostic.severity === "error");
  return `${blocks.join("\n")}\n${(errors ? paint.error : paint.warning)(total)}\n`;
}

function block(diagnostic: Diagnostic, sources: SourceLookup, paint: Palette, width: number): string {
  const { code, severity, message, primary, secondary, notes, help } = diagnostic;
  const gutter = gutterWidth(diagnostic, sources);
  const drawing: Drawing = { sources, paint, underline: paint[severity], gutter, width };
  const lines = [`${paint[severity](`${severity}[${code}]`)}${paint.strong(`: ${message}`)}`];
  const shown = snippets(drawing, primary, secondary);
  lines.push(...shown);
  const empty = shown.length === 0 ? [] : [bar(drawing)];
  if (notes.length > 0 || help !== undefined) lines.push(...empty);
  for (const note of notes) lines.push(`${paint.note("note")}: ${note}`);
  if (help !== undefined) {
    lines.push(`${paint.help("help")}: ${help.message}`);
    if (help.fix !== undefined) lines.push(...fixLines(drawing, help.fix, primary.span.file));
  }
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

function gutterWidth({ primary, secondary, help }: Diagnostic, sources: SourceLookup): number {
  const spans = [primary, ...secondary].map((label) => label.span);
  const numbers = spans.map((span) => sources(span.file)?.positionAt(span.end).line ?? 0);
  if (help?.fix !== undefined) {
    const { span, text } = help.fix;
    const line = sources(span.file)?.positionAt(span.start).line ?? 0;
    numbers.push(line + Math.min(FIX_LINES, text.split("\n").length) - 1);
  }
  return String(Math.max(...numbers)).length;
}

/** The primary place first, then the others in their order; one line is shown once. */
function snippets(drawing: Drawing, primary: Label, secondary: readonly Label[]): readonly string[] {
  const groups: { file: string; line: number; labels: { label: Label; primary: boolean }[] }[] = [];
  for (const label of [primary, ...secondary]) {
    const { file, start } = label.span;
    const line = drawing.sources(file)?.positionAt(start).line ?? 0;
    const entry = { label, primary: label === primary };
    const known = groups.find((group) => group.file === file && group.line === line);
    if (known === undefined) groups.push({ file, line, labels: [entry] });
    else known.labels.push(entry);
  }
  const lines: string[] = [];
  let file: string | undefined;
  for (const group of groups) {
    const source = drawing.sources(group.file);
    const first = group.labels[0]?.label ?? primary;
    if (group.file !== file) lines.push(...header(drawing, source, first, file === undefined));
    file = group.file;
    if (source === undefined) continue;
    lines.push(
      bar(drawing),
      ...group.labels.flatMap((entry, index) => drawLabels(drawing, source, group.labels, entry, index)),
    );
  }
  return lines;
}

function header(
  drawing: Drawing,
  source: Source | undefined,
  label: Label,
  first: boolean,
): readonly string[] {
  const { file, start } = label.span;
  if (file === "") return [];
  const position = source?.positionAt(start);
  const place = position === undefined ? file : `${file}:${position.line}:${position.column}`;
  return [`${" ".repeat(drawing.gutter)}${drawing.paint.gutter(first ? "-->" : ":::")} ${place}`];
}

type Entry = { readonly label: Label; readonly primary: boolean };

/** All labels that begin and end on one line share its text; one that goes on gets its last line too. */
function drawLabels(
  drawing: Drawing,
  source: Source,
  all: readonly Entry[],
  entry: Entry,
  index: number,
): readonly string[] {
  const lastLine = (label: Label) => source.positionAt(lastOffset(label)).line;
  const line = source.positionAt(entry.label.span.start).line;
  const lines: string[] = [];
  if (index === 0) {
    const marks = all.map((each) => markOn(source, line, each, lastLine(each.label) === line));
    lines.push(...drawMarks(drawing, source, line, marks));
  }
  const last = lastLine(entry.label);
  if (last > line) {
    if (last > line + 1) lines.push(drawing.paint.gutter("...".padEnd(drawing.gutter + 1)));
    lines.push(...drawMarks(drawing, source, last, [markOn(source, last, entry, true)]));
  }
  return lines;
}

/** The last character of a span belongs to it; an empty span has its start. */
function lastOffset({ span }: Label): number {
  return Math.max(span.start, span.end - 1);
}

function markOn(source: Source, line: number, { label, primary }: Entry, withText: boolean): Mark {
  const lineStart = source.lineStart(line);
  const text = source.lineText(line);
  const begins = label.span.start >= lineStart;
  const indent = text.length - text.trimStart().length;
  const start = begins ? label.span.start - lineStart : indent;
  const end = Math.max(start, Math.min(label.span.end - lineStart, text.length));
  return { start, end, sign: primary ? "^" : "-", text: withText ? label.text : "" };
}

function drawMarks(
  drawing: Drawing,
  source: Source,
  line: number,
  marks: readonly Mark[],
): readonly string[] {
  const snippet = drawLine(source.lineText(line), marks, drawing.width);
  const lines = [numbered(drawing, line, snippet.line)];
  for (const { mark, indent, length } of snippet.underlines) {
    const paint = mark.sign === "^" ? drawing.underline : drawing.paint.secondary;
    const text = mark.text === "" ? "" : ` ${mark.text}`;
    lines.push(`${bar(drawing)} ${" ".repeat(indent)}${paint(`${mark.sign.repeat(length)}${text}`)}`);
  }
  return lines;
}

function bar(drawing: Drawing): string {
  return `${" ".repeat(drawing.gutter)} ${drawing.paint.gutter("|")}`;
}

function numbered(drawing: Drawing, line: number, text: string): string {
  return `${drawing.paint.gutter(`${String(line).padStart(drawing.gutter)} |`)} ${text}`;
}

/** The lines that a repair changes, as they would read after it. */
function fixLines(drawing: Drawing, fix: Fix, shownFile: string): readonly string[] {
  const source = drawing.sources(fix.span.file);
  if (source === undefined) return [];
  const first = source.positionAt(fix.span.start).line;
  const from = source.lineStart(first);
  const to = source.lineStart(source.positionAt(fix.span.end).line + 1);
  const before = source.text.slice(from, fix.span.start);
  const changed = createSource(fix.span.file, `${before}${fix.text}${source.text.slice(fix.span.end, to)}`);
  const inserted = changed.positionAt(before.length + fix.text.length).line;
  const lines = [bar(drawing)];
  if (fix.span.file !== shownFile) {
    lines.unshift(...header(drawing, source, { span: fix.span, text: "" }, false));
  }
  const mark: Mark = { start: before.length, end: before.length, sign: "", text: "" };
  for (let line = 1; line <= Math.min(inserted, FIX_LINES); line++) {
    const marks = line === 1 ? [mark] : [];
    lines.push(
      numbered(drawing, first + line - 1, drawLine(changed.lineText(line), marks, drawing.width).line),
    );
  }
  return lines;
}
