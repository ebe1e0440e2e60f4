/**
 * Compiles handlers in C without what is generated to follow them, so that an
 * error is the handler's own: a brace that is never closed shows up at its last
 * line, and not in the loop that calls it. Nothing is linked and nothing kept.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { EmittedFile } from "../emit/files.ts";
import type { CHandler } from "./c-diagnostics.ts";
import type { Toolchain } from "./library.ts";
import { flagsOfLibraries } from "./linked.ts";
import { places } from "./places.ts";
import { runTool } from "./process.ts";
import { writeChanged } from "./writer.ts";

export interface AloneRequest {
  readonly tools: Toolchain;
  readonly handlers: readonly CHandler[];
  readonly files: readonly EmittedFile[];
  /** Where `files` of kind `build` would lie: units name their handlers from there. */
  readonly buildFolder: string;
}

export interface AloneResult {
  readonly ok: boolean;
  /** As the compiler says it, and of callbacks that are missing as the linker would. */
  readonly output: string;
  /** Names in the output are relative to it; files in it are generated. */
  readonly workFolder: string;
}

export async function compileAlone(request: AloneRequest): Promise<AloneResult> {
  const workFolder = mkdtempSync(path.join(tmpdir(), "mbx-handlers-"));
  try {
    for (const file of request.files) {
      if (file.kind === "build") writeChanged(path.join(workFolder, file.path), file.text);
      if (file.path.endsWith(".gen.h")) writeChanged(headerIn(workFolder, file.path), file.text);
    }
    const flags = await flagsOf(request.tools);
    // One after the other: a check may run beside other work, and handlers are few.
    const ran: { readonly ok: boolean; readonly output: string }[] = [];
    for (const handler of request.handlers) ran.push(await compileOne(handler, workFolder, flags, request));
    return {
      ok: ran.every((one) => one.ok),
      output: ran.map((one) => one.output).join("\n"),
      workFolder,
    };
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}

async function compileOne(
  handler: CHandler,
  workFolder: string,
  flags: readonly string[],
  request: AloneRequest,
): Promise<{ readonly ok: boolean; readonly output: string }> {
  const unit = request.files.find((file) => file.path === `gen/nf_${handler.nf}.c`);
  if (unit === undefined) return { ok: true, output: "" };
  const source = `gen/alone_${handler.nf}.c`;
  const object = path.join(workFolder, `${handler.nf}.o`);
  writeChanged(path.join(workFolder, source), unitUpTo(handler, unit, request.buildFolder));
  const folder = path.dirname(handler.file);
  const ran = await runTool({
    command: request.tools.cc,
    args: [
      ...flags,
      ...(await flagsOfLibraries(handler.links)),
      "-Igen",
      "-iquote",
      folder,
      "-I",
      folder,
      "-c",
      source,
      "-o",
      object,
    ],
    cwd: workFolder,
    use: "checking handlers in C",
  });
  if (ran.code !== 0) return { ok: false, output: ran.output };
  const defined = await definedIn(object, workFolder);
  const missing = handler.callbacks
    .map((callback) => `${handler.nf}_on_${callback.name}`)
    .filter((symbol) => !defined.has(symbol));
  const lacks = missing.map((symbol) => `${handler.nf}.o: undefined reference to \`${symbol}'`);
  return { ok: missing.length === 0, output: [ran.output, ...lacks].join("\n") };
}

/** The generated unit with the handler's text in place of its `#include`, and nothing after it. */
function unitUpTo(handler: CHandler, unit: EmittedFile, buildFolder: string): string {
  const gen = path.join(buildFolder, path.dirname(unit.path));
  const lines = unit.text.split("\n");
  const at = lines.findIndex((line) => {
    const name = /^#include "(.*)"/.exec(line)?.[1];
    return name !== undefined && path.resolve(gen, name) === handler.file;
  });
  const before = (at < 0 ? lines : lines.slice(0, at)).join("\n");
  // The unit has included the header as it is now; the one beside the handler may be an older one.
  const own = new RegExp(`^[ \\t]*#[ \\t]*include[ \\t]*"(?:\\./)?${handler.nf}\\.gen\\.h"`, "gm");
  const text = readFileSync(handler.file, "utf8").replace(own, (found) => " ".repeat(found.length));
  return `${before}\n#line 1 ${JSON.stringify(handler.file)}\n${text}`;
}

/** Beside the units, where no handler's folder comes before it. */
function headerIn(workFolder: string, header: string): string {
  return path.join(workFolder, "gen", path.basename(header));
}

/** As programs are compiled, so that a check warns of what a build warns of. */
async function flagsOf(tools: Toolchain): Promise<readonly string[]> {
  const use = "checking handlers in C";
  const asked = await runTool({
    command: "pkg-config",
    args: ["--cflags", "libdpdk"],
    cwd: places.root,
    use,
  });
  const dpdk = asked.output
    .split(/\s+/)
    .filter((flag) => flag !== "" && !flag.startsWith("-march="))
    .map((flag) => flag.replace(/^-I/, "-isystem"));
  return [
    ...["-std=gnu11", "-fPIC", "-fvisibility=hidden", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter"],
    ...["-Werror=implicit-function-declaration", "-fdiagnostics-color=never"],
    ...(tools.cc === "gcc" ? ["-fdiagnostics-column-unit=byte"] : []),
    `-isystem${places.dataplane}`,
    ...(asked.code === 0 ? dpdk : []),
    `-march=${tools.march}`,
  ];
}

async function definedIn(object: string, cwd: string): Promise<ReadonlySet<string>> {
  const ran = await runTool({
    command: "nm",
    args: ["--defined-only", "--extern-only", "-P", object],
    cwd,
    use: "checking handlers in C",
  });
  return new Set(ran.output.split("\n").map((line) => line.split(" ")[0] ?? ""));
}
