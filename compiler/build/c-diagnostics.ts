/** What the C compiler and the linker say, as diagnostics at the author's own lines. */
import path from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { createDiagnostic } from "../diagnostics/report.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { LOST } from "../emit/c/stub.ts";
import type { Span } from "../syntax/ast.ts";
import { type CMessage, type CNote, parseCMessages, parseUndefinedSymbols } from "./c-messages.ts";
import { definitionsIn, usesIn } from "./c-scan.ts";
import { inFolder } from "./places.ts";
import { spanAtBytes } from "./positions.ts";
import type { SubscriptionSpans } from "./subscribed.ts";
import { takeSuggestion } from "./suggestion.ts";

/** A handler in C, and what its NF expects of it. */
export interface CHandler {
  /** Name that its callbacks carry. */
  readonly nf: string;
  /** Absolute. */
  readonly file: string;
  readonly callbacks: readonly CCallback[];
  /** Libraries that it uses, by their names to pkg-config. */
  readonly links: readonly string[];
}

export interface CCallback {
  readonly name: string;
  /** `void signature_on_sql(…)` with an empty body, to paste. */
  readonly stub: string;
}

export interface CBuildContext {
  readonly handlers: readonly CHandler[];
  readonly spans: SubscriptionSpans;
  /** Folder where ninja worked: names in its output are relative to it. */
  readonly workFolder: string;
  /** Files in it are generated. */
  readonly buildFolder: string;
  /** The clone's own C. */
  readonly ownFolders: readonly string[];
  readonly text: (file: string) => string | undefined;
  /** As a person wants to see it. */
  readonly shown: (file: string) => string;
}

/** What is wrong with a build that failed, or warnings of one that did not. */
export function cDiagnostics(output: string, failed: boolean, context: CBuildContext): readonly Diagnostic[] {
  const messages = parseCMessages(output);
  const theirs = messages.filter((message) => isTheirs(resolve(message.file, context), context));
  const inHandlers = theirs.map((message) => handlerDiagnostic(message, context));
  if (!failed) return [...inHandlers, ...unknownCallbacks(context)];
  const found = [...inHandlers, ...undefinedDiagnostics(output, context), ...unknownCallbacks(context)];
  if (found.some((diagnostic) => diagnostic.severity === "error")) return found;
  return [...found, ourFault(messages, output, context)];
}

function resolve(file: string, context: CBuildContext): string {
  return path.resolve(context.workFolder, file);
}

/** Neither generated nor the clone's own nor the system's. */
function isTheirs(file: string, context: CBuildContext): boolean {
  if (context.handlers.some((handler) => handler.file === file)) return true;
  if (/\.gen\.h$/.test(file)) return false;
  const foreign = [context.buildFolder, ...context.ownFolders, "/usr/include", "/usr/lib"];
  return !foreign.some((folder) => file.startsWith(`${folder}${path.sep}`));
}

function handlerDiagnostic(message: CMessage, context: CBuildContext): Diagnostic {
  const span = spanOf(message, context);
  const file = resolve(message.file, context);
  const underlined = (context.text(file) ?? "").slice(span.start, span.end);
  const { text, help } = takeSuggestion(message.text, span, underlined);
  const inTheirs = (note: CNote) => isTheirs(resolve(note.file, context), context);
  const diagnostic = createDiagnostic(
    "MBX6005",
    span,
    { text },
    {
      secondary: message.notes
        .filter(inTheirs)
        .map((note) => ({ span: spanOf(note, context), text: note.text })),
      notes: message.notes.filter((note) => !inTheirs(note) && !isNoise(note.text)).map((note) => note.text),
      ...(help === undefined ? {} : { help }),
    },
  );
  return { ...diagnostic, severity: message.severity };
}

/** Notes that tell where generated text is, which says nothing to the author. */
function isNoise(text: string): boolean {
  return /^(?:in expansion of macro|in definition of macro|expanded from)/.test(text);
}

function spanOf(place: { file: string; line: number; column: number }, context: CBuildContext): Span {
  const file = resolve(place.file, context);
  return spanAtBytes(context.shown(file), context.text(file) ?? "", place.line, place.column);
}

function undefinedDiagnostics(output: string, context: CBuildContext): readonly Diagnostic[] {
  return parseUndefinedSymbols(output).flatMap((undefinedSymbol) => {
    const { symbol, line } = undefinedSymbol;
    return missingCallback(symbol, context) ?? undefinedCall(symbol, line, context) ?? [];
  });
}

/**
 * A function that a handler declares and calls, and nobody defines. The linker
 * names the unit that includes the handler, and the handler's line.
 */
function undefinedCall(
  symbol: string,
  line: number | undefined,
  context: CBuildContext,
): Diagnostic | undefined {
  const uses = context.handlers.flatMap((handler) =>
    usesIn(context.text(handler.file) ?? "", symbol).map((use) => ({ file: handler.file, ...use })),
  );
  const use = uses.find((one) => one.line === line) ?? uses.at(-1);
  if (use === undefined) return undefined;
  const span = { file: context.shown(use.file), start: use.at, end: use.at + symbol.length };
  return createDiagnostic("MBX6005", span, { text: `\`${symbol}\` is called and defined nowhere` });
}

/** Nothing where a mistyped callback is reported already: that it is missing follows. */
function missingCallback(symbol: string, context: CBuildContext): readonly Diagnostic[] | undefined {
  for (const handler of context.handlers) {
    const prefix = `${handler.nf}_on_`;
    const callback = handler.callbacks.find((one) => prefix + one.name === symbol);
    if (callback === undefined) continue;
    const names = handler.callbacks.map((one) => one.name);
    const mistyped = unknownNames(handler, context).map((one) =>
      nearest(one.name.slice(prefix.length), names),
    );
    if (mistyped.includes(callback.name)) return [];
    const file = context.shown(handler.file);
    const span = context.spans.callback(handler.nf, callback.name) ?? { file, start: 0, end: 0 };
    const help = { message: `add to \`${file}\`:\n${callback.stub}` };
    return [createDiagnostic("MBX6002", span, { callback: symbol, nf: handler.nf, file }, { help })];
  }
  return undefined;
}

function unknownNames(handler: CHandler, context: CBuildContext) {
  const prefix = `${handler.nf}_on_`;
  const known = new Set(
    [LOST, ...handler.callbacks.map((callback) => callback.name)].map((name) => prefix + name),
  );
  return definitionsIn(context.text(handler.file) ?? "", prefix).filter((one) => !known.has(one.name));
}

/** Callbacks that a handler defines and no subscription names. */
function unknownCallbacks(context: CBuildContext): readonly Diagnostic[] {
  return context.handlers.flatMap((handler) =>
    unknownNames(handler, context).map((definition) => {
      const prefix = `${handler.nf}_on_`;
      const callback = definition.name.slice(prefix.length);
      const similar = nearest(
        callback,
        handler.callbacks.map((one) => one.name),
      );
      const file = context.shown(handler.file);
      const span = { file, start: definition.at, end: definition.at + definition.name.length };
      return createDiagnostic(
        "MBX6003",
        span,
        { callback, nf: handler.nf },
        {
          ...(similar === undefined
            ? {}
            : {
                help: {
                  message: `a callback of \`${handler.nf}\` has a similar name: \`${similar}\``,
                  fix: { span, text: prefix + similar },
                },
              }),
        },
      );
    }),
  );
}

function ourFault(messages: readonly CMessage[], output: string, context: CBuildContext): Diagnostic {
  const first = messages.find((message) => message.severity === "error");
  const unit = first === undefined ? "chain.node" : path.basename(first.file);
  const reason = first?.text ?? lastLine(output);
  const log = context.shown(path.join(context.buildFolder, inFolder.log));
  const notes = [`\`${log}\` has all that the compilers said`];
  return createDiagnostic("MBX9002", { file: "", start: 0, end: 0 }, { unit, reason }, { notes });
}

function lastLine(output: string): string {
  const lines = output.split("\n").filter((line) => /\S/.test(line) && !line.startsWith("ninja: "));
  return (
    lines.find((line) => /error|undefined reference/i.test(line))?.trim() ??
    lines.at(-1)?.trim() ??
    "no output"
  );
}
