/** Reads what gcc, clang and the linker print, as ninja passes it on. */

export interface CMessage {
  readonly severity: "error" | "warning";
  /** As printed: relative to the folder where ninja works, or absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in bytes. 0: not known. */
  readonly column: number;
  readonly text: string;
  readonly notes: readonly CNote[];
}

export interface CNote {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export interface UndefinedSymbol {
  readonly symbol: string;
  readonly file?: string;
  readonly line?: number;
}

const MESSAGE =
  /^(?<file>[^\s:][^:\n]*):(?<line>\d+):(?:(?<column>\d+):)? (?<kind>fatal error|error|warning|note): (?<text>.*)$/;

/** Messages in the order printed, each once, notes with the message that they belong to. */
export function parseCMessages(output: string): readonly CMessage[] {
  const found: (CMessage & { readonly notes: CNote[] })[] = [];
  const seen = new Set<string>();
  let repeated = false;
  for (const line of output.split("\n")) {
    const parts = MESSAGE.exec(line.trimEnd())?.groups;
    if (parts === undefined) continue;
    const place = {
      file: parts.file ?? "",
      line: Number(parts.line),
      column: Number(parts.column ?? 0),
      text: withoutFlag(parts.text ?? ""),
    };
    if (parts.kind === "note") {
      if (!repeated) found.at(-1)?.notes.push(place);
      continue;
    }
    // A header that two units include is reported twice.
    repeated = seen.has(line);
    seen.add(line);
    if (!repeated)
      found.push({ severity: parts.kind === "warning" ? "warning" : "error", ...place, notes: [] });
  }
  return found;
}

/** `unused variable 'x' [-Wunused-variable]`: the flag is noise to who cannot set it. */
function withoutFlag(text: string): string {
  return text.replace(/ \[-W[^\]]*\]$/, "").replace(/['‘]([^'‘’]*)['’]/g, "`$1`");
}

const UNDEFINED = /^(?<place>.*): undefined reference to [`'‘](?<symbol>[^'’]+)['’]/;

/** Of one symbol, the first place that refers to it. */
export function parseUndefinedSymbols(output: string): readonly UndefinedSymbol[] {
  const found = new Map<string, UndefinedSymbol>();
  for (const line of output.split("\n")) {
    const parts = UNDEFINED.exec(line)?.groups;
    const symbol = parts?.symbol;
    if (parts === undefined || symbol === undefined || found.has(symbol)) continue;
    found.set(symbol, { symbol, ...placeOf(parts.place ?? "") });
  }
  return [...found.values()];
}

/** `/usr/bin/ld: gen/nf.c:3` or, without debug information, `x.o:(.text+0x11)`. */
function placeOf(text: string): { readonly file?: string; readonly line?: number } {
  const parts = /^(?:\S*ld(?:\.\w+)?: )?(?<file>[^:]+):(?:(?<line>\d+)|\(.*\))$/.exec(text)?.groups;
  if (parts?.file === undefined) return {};
  return parts.line === undefined ? { file: parts.file } : { file: parts.file, line: Number(parts.line) };
}
