/** Where in the source a callback is asked for: what a handler lacks is shown there. */
import { dirname, join, normalize } from "node:path";
import type { NfDecl, SourceFile, Span } from "../syntax/ast.ts";
import { parseFile } from "../syntax/parse.ts";
import type { Sources } from "./sources.ts";

/** Gives the tree of a file, or undefined where there is none. */
export type Trees = (path: string) => SourceFile | undefined;

export interface SubscriptionSpans {
  /** The callback's name, or the event's where the callback is named after it. */
  readonly callback: (nf: string, callback: string) => Span | undefined;
  /** The string that names the library. */
  readonly library: (nf: string, library: string) => Span | undefined;
  /** The string that names the handler file. */
  readonly handler: (nf: string) => Span | undefined;
}

export function spansOf(root: string, sources: Sources): SubscriptionSpans {
  return subscriptionSpans(root, (file) => {
    const text = sources.text(file);
    return text === undefined ? undefined : parseFile(file, text).file;
  });
}

export function subscriptionSpans(root: string, trees: Trees): SubscriptionSpans {
  const nfs = new Map<string, NfDecl>();
  for (const file of reachable(root, trees)) {
    for (const declaration of file.declarations) {
      if (declaration.kind === "nf") nfs.set(declaration.name.text, declaration);
    }
  }
  return {
    callback: (nf, callback) => callbackSpan(nfs.get(nf), callback),
    library: (nf, library) => librarySpan(nfs.get(nf), library),
    handler: (nf) => nfs.get(nf)?.parts.find((part) => part.kind === "handler")?.path.span,
  };
}

function callbackSpan(nf: NfDecl | undefined, callback: string): Span | undefined {
  for (const part of nf?.parts ?? []) {
    if (part.kind === "prepares" && (callback === "start" || callback === "stop")) return part.span;
    if (part.kind !== "subscribe") continue;
    const named = part.callbacks.find((name) => name.text === callback);
    if (named !== undefined) return named.span;
    if (part.callbacks.length === 0 && part.event.text.toLowerCase() === callback) return part.event.span;
  }
  return undefined;
}

function librarySpan(nf: NfDecl | undefined, library: string): Span | undefined {
  const libraries = (nf?.parts ?? []).flatMap((part) => (part.kind === "links" ? part.libraries : []));
  return libraries.find(({ value }) => value === library)?.span;
}

function reachable(root: string, trees: Trees): readonly SourceFile[] {
  const found = new Map<string, SourceFile>();
  const pending = [normalize(root)];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (found.has(path)) continue;
    const file = trees(path);
    if (file === undefined) continue;
    found.set(path, file);
    for (const declaration of file.declarations) {
      if (declaration.kind === "import") pending.push(normalize(join(dirname(path), declaration.path.value)));
    }
  }
  return [...found.values()];
}
