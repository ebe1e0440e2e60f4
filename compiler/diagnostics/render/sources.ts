/** The texts that diagnostics point into, each split into lines once. */
import { createSource, type Source } from "../../syntax/source.ts";

export type SourceLookup = (file: string) => Source | undefined;

/** Finds sources by path in what was read; a path that was not read has none. */
export function sourceLookup(texts: ReadonlyMap<string, string>): SourceLookup {
  const known = new Map<string, Source>();
  return (file) => {
    const source = known.get(file);
    if (source !== undefined) return source;
    const text = texts.get(file);
    if (text === undefined) return undefined;
    const created = createSource(file, text);
    known.set(file, created);
    return created;
  };
}
