/**
 * Bundles the program's TypeScript: the control, the worker loop, and one module
 * for each network function with its handler. What a program runs is in its own
 * folder, so it works wherever its source lies.
 */
import path from "node:path";
import * as esbuild from "esbuild";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { createDiagnostic } from "../diagnostics/report.ts";
import { inFolder, places } from "./places.ts";
import { spanAtBytes } from "./positions.ts";
import { writeChanged } from "./writer.ts";

export interface BundleContext {
  readonly folder: string;
  /** Entries of network functions, relative to the folder: `gen/nf-alerts.entry.ts`. */
  readonly entries: readonly string[];
  readonly text: (file: string) => string | undefined;
  readonly shown: (file: string) => string;
}

export interface BundleResult {
  readonly diagnostics: readonly Diagnostic[];
  readonly changed: boolean;
}

export async function bundleProgram(context: BundleContext): Promise<BundleResult> {
  try {
    const handlers = context.entries.map((entry) => ({
      in: path.join(context.folder, entry),
      out: moduleName(entry),
    }));
    const results = await Promise.all([bundle(context, controlEntries), bundle(context, handlers)]);
    const files = results.flatMap(({ outputFiles }) => outputFiles);
    const changed = files.filter((file) => writeChanged(file.path, file.contents));
    return { diagnostics: [], changed: changed.length > 0 };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { diagnostics: error.errors.map((message) => diagnosticOf(message, context)), changed: true };
  }
}

const controlEntries = [
  { in: path.join(places.control, "main.ts"), out: path.basename(inFolder.main, ".mjs") },
  { in: path.join(places.control, "worker.ts"), out: path.basename(inFolder.worker, ".mjs") },
];

function bundle(
  context: BundleContext,
  entryPoints: { readonly in: string; readonly out: string }[],
): Promise<esbuild.BuildResult<{ write: false }>> {
  return esbuild.build({
    absWorkingDir: context.folder,
    entryPoints,
    outdir: context.folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["*.node"],
    sourcemap: "inline",
    charset: "utf8",
    // `require` of a dependency in CommonJS has to work in a module.
    banner: {
      js: 'import { createRequire as mbxCreateRequire } from "node:module";\nconst require = mbxCreateRequire(import.meta.url);',
    },
    tsconfigRaw: { compilerOptions: { target: "es2022", verbatimModuleSyntax: true } },
    write: false,
    logLevel: "silent",
  });
}

/** `gen/nf-alerts.entry.ts` is bundled to `nf-alerts.mjs`. */
export function moduleName(entry: string): string {
  return path.basename(entry).replace(/(?:\.entry)?\.ts$/, "");
}

function isBuildFailure(error: unknown): error is esbuild.BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

function diagnosticOf(message: esbuild.Message, context: BundleContext): Diagnostic {
  const place = message.location;
  const file = place === null ? undefined : path.resolve(context.folder, place.file);
  const ours =
    file === undefined || file.startsWith(places.control) || file.startsWith(`${context.folder}${path.sep}`);
  if (place === null || ours) {
    const unit = file === undefined ? "bundle" : path.basename(file);
    return createDiagnostic("MBX9002", { file: "", start: 0, end: 0 }, { unit, reason: message.text });
  }
  const span = spanAtBytes(context.shown(file), context.text(file) ?? "", place.line, place.column + 1);
  const end = Math.max(span.end, span.start + place.length);
  return createDiagnostic(
    "MBX6004",
    { ...span, end },
    {
      code: "esbuild",
      text: message.text.replace(/"([^"]*)"/g, "`$1`"),
    },
  );
}
