/** Prints diagnostics: for people on stderr, as data on stdout. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { SourceLookup } from "../diagnostics/render/sources.ts";
import { createSource, type Source } from "../syntax/source.ts";
import type { Io } from "./output.ts";
import { version } from "./version.ts";

export const FORMATS = ["pretty", "short", "json", "sarif"] as const;
export type Format = (typeof FORMATS)[number];

export function formatOf(given: string | undefined): Format {
  return FORMATS.find((format) => format === given) ?? "pretty";
}

/** Renderers are loaded when there is something to render: mostly there is nothing. */
export async function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  format: Format,
  text: (file: string) => string | undefined,
  io: Io,
): Promise<void> {
  const sources = lookup(text);
  switch (format) {
    case "pretty": {
      if (diagnostics.length === 0) return;
      const { renderPretty } = await import("../diagnostics/render/pretty.ts");
      io.err.write(renderPretty(diagnostics, sources, { colour: io.err.colour }));
      return;
    }
    case "short": {
      if (diagnostics.length === 0) return;
      const { renderShort } = await import("../diagnostics/render/short.ts");
      io.err.write(renderShort(diagnostics, sources));
      return;
    }
    case "json": {
      const { renderJson } = await import("../diagnostics/render/json.ts");
      io.out.write(renderJson(diagnostics, sources));
      return;
    }
    case "sarif": {
      const { renderSarif } = await import("../diagnostics/render/sarif.ts");
      io.out.write(renderSarif(diagnostics, sources, { version: version() }));
      return;
    }
  }
}

function lookup(text: (file: string) => string | undefined): SourceLookup {
  const known = new Map<string, Source | undefined>();
  return (file) => {
    if (!known.has(file)) {
      const found = file === "" ? undefined : text(file);
      known.set(file, found === undefined ? undefined : createSource(file, found));
    }
    return known.get(file);
  };
}
