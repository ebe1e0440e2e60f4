/** Compiles and links what was generated for a program to `chain.node`. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { render } from "../emit/template.ts";
import { makeFolder } from "./folders.ts";
import { cmakeArguments, type Toolchain } from "./library.ts";
import { inFolder } from "./places.ts";
import { runTool } from "./process.ts";
import { writeChanged } from "./writer.ts";

export interface CmakeRequest {
  readonly folder: string;
  readonly library: string;
  readonly tools: Toolchain;
  /** Name of the program and of its source, for the list's head. */
  readonly name: string;
  readonly source: string;
  /** Units of chains, relative to the folder. */
  readonly chains: readonly string[];
  /** All other units: of network functions, of what goes to workers, of the program. */
  readonly functions: readonly string[];
  readonly handlers: readonly HandlerUnit[];
  /** Called when the compilers are at work, in processes of their own. */
  readonly onStarted: () => void;
}

/** A unit that includes a handler. */
export interface HandlerUnit {
  readonly unit: string;
  /** Of the handler, relative to the program's. */
  readonly folder: string;
  /** Libraries that it uses, by their names to pkg-config. */
  readonly links: readonly string[];
}

export interface CmakeResult {
  readonly ok: boolean;
  /** What the tools said; names in it are relative to `workFolder`. */
  readonly output: string;
  readonly workFolder: string;
}

const CONFIGURED = "mbx-configured";

export async function buildAddon(request: CmakeRequest): Promise<CmakeResult> {
  const workFolder = path.join(request.folder, inFolder.cmake);
  const configured = await configure(request, workFolder);
  if (configured !== undefined) return { ok: false, output: configured, workFolder };
  const building = runTool({ command: "ninja", args: [], cwd: workFolder, use: "building a chain" });
  request.onStarted();
  const built = await building;
  return { ok: built.code === 0, output: built.output, workFolder };
}

/** Runs cmake only when what it was given has changed; returns its output when it fails. */
async function configure(request: CmakeRequest, workFolder: string): Promise<string | undefined> {
  const list = render("cmake/CMakeLists.txt", {
    source: request.source,
    target: `mbx_${request.name}`,
    chains: request.chains,
    functions: request.functions,
    handlers: request.handlers.map(({ unit, folder, links }) => ({
      unit,
      folder,
      name: path.basename(unit, ".c"),
      links: links.join(" "),
      open: "{",
    })),
    linked: request.handlers.flatMap(({ links }) => links).length > 0,
  });
  writeChanged(path.join(request.folder, "CMakeLists.txt"), list);
  const definitions = [
    ...cmakeArguments(request.tools),
    `-DMBX_LIBRARY=${request.library}`,
    `-DMBX_DIAGNOSTICS=${request.tools.cc === "gcc" ? "-fdiagnostics-column-unit=byte" : ""}`,
  ];
  const wanted = [request.folder, ...definitions, list].join("\n");
  const mark = path.join(workFolder, CONFIGURED);
  if (textOf(mark) === wanted) return undefined;
  // A cache of another compiler or place cannot be configured again.
  rmSync(workFolder, { recursive: true, force: true });
  makeFolder(workFolder);
  const ran = await runTool({
    command: "cmake",
    args: ["-S", request.folder, "-B", workFolder, ...definitions],
    cwd: request.folder,
    use: "building a chain",
  });
  if (ran.code !== 0) return ran.output;
  writeFileSync(mark, wanted);
  return undefined;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
