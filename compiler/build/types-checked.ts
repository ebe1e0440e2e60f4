/**
 * What was found to have correct types, by content: an unchanged handler costs
 * nothing, not even the loading of TypeScript's compiler.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { places } from "./places.ts";
import type { TsHandler } from "./typescript.ts";
import { writeChanged } from "./writer.ts";

export interface CheckedFile {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
}

interface Remembered {
  readonly version: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Files are kept relative to the folder of `cache`. */
export function remember(
  cache: string,
  handlers: readonly TsHandler[],
  checked: readonly CheckedFile[],
): void {
  const files = Object.fromEntries(
    checked.map(({ file, text }) => [path.relative(path.dirname(cache), file), hash(text)]),
  );
  writeChanged(cache, `${JSON.stringify({ version: versionOf(handlers), files }, null, 2)}\n`);
}

export function isRemembered(cache: string, handlers: readonly TsHandler[]): boolean {
  try {
    const kept: Remembered = JSON.parse(readFileSync(cache, "utf8"));
    if (kept.version !== versionOf(handlers)) return false;
    return Object.entries(kept.files).every(
      ([file, sum]) => hash(readFileSync(path.resolve(path.dirname(cache), file), "utf8")) === sum,
    );
  } catch {
    return false;
  }
}

/** Of the compiler, as its package says it, and of what it was asked. */
function versionOf(handlers: readonly TsHandler[]): string {
  const { version }: { readonly version: string } = JSON.parse(readFileSync(places.typescript, "utf8"));
  return hash([version, ...handlers.map((handler) => `${handler.nf}=${handler.file}`)].join("\n"));
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
