/**
 * The dataplane and the addon's face do not depend on the chain: they are built
 * once for a clone, an instruction set and a compiler, and found by the hash of
 * their sources afterwards.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cachesFor, FINISHED, isFinished, placeInCaches } from "./caches.ts";
import { withBuildLock } from "./lock.ts";
import { places } from "./places.ts";
import { runTool } from "./process.ts";

export interface Toolchain {
  readonly cc: "gcc" | "clang";
  readonly march: string;
}

export type LibraryResult =
  | { readonly kind: "ready"; readonly folder: string; readonly built: boolean }
  | { readonly kind: "failed"; readonly log: string };

/** Libraries of earlier sources are kept this many deep, for who switches between them. */
const KEPT = 4;

/** `program` is its folder; `onBuild` is called when there is something to build, which takes a while. */
export async function buildLibrary(
  tools: Toolchain,
  program: string,
  onBuild: () => void,
): Promise<LibraryResult> {
  const name = `dataplane-${tools.march}-${tools.cc}-${await hashOf(tools)}`;
  const { folder, finished } = placeInCaches(name, cachesFor(program));
  if (finished) return { kind: "ready", folder, built: false };
  onBuild();
  return withBuildLock(folder, async () => {
    if (isFinished(folder)) return { kind: "ready", folder, built: false };
    const log = await configureAndBuild(folder, tools);
    if (log !== undefined) return { kind: "failed", log };
    writeFileSync(path.join(folder, FINISHED), "");
    removeOld(folder);
    return { kind: "ready", folder, built: true };
  });
}

async function configureAndBuild(folder: string, tools: Toolchain): Promise<string | undefined> {
  const use = "building the dataplane";
  const configured = await runTool({
    command: "cmake",
    args: [
      "-S",
      path.join(places.cmakeTemplates, "library"),
      "-B",
      folder,
      ...cmakeArguments(tools),
      `-DMBX_ROOT=${path.resolve(places.root)}`,
      `-DMBX_NODE_API_HEADERS=${places.nodeApiHeaders}`,
    ],
    cwd: places.root,
    use,
  });
  if (configured.code !== 0) return configured.output;
  const built = await runTool({ command: "ninja", args: ["-C", folder], cwd: places.root, use });
  return built.code === 0 ? undefined : built.output;
}

/** What the library and a program are both configured with. */
export function cmakeArguments(tools: Toolchain): readonly string[] {
  return [
    "-G",
    "Ninja",
    "-Wno-dev",
    "-DCMAKE_BUILD_TYPE=",
    `-DCMAKE_C_COMPILER=${tools.cc}`,
    `-DMBX_MARCH=${tools.march}`,
    // The compiler is known to work; trying it out takes longer than compiling a chain.
    "-DCMAKE_C_COMPILER_WORKS=TRUE",
  ];
}

async function hashOf(tools: Toolchain): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of [places.dataplane, places.addon, path.join(places.cmakeTemplates, "library")]) {
    for (const file of sourcesUnder(folder)) {
      hash.update(path.relative(places.root, file)).update("\0").update(readFileSync(file)).update("\0");
    }
  }
  const use = "compiling a chain";
  const versions = await Promise.all([
    runTool({ command: tools.cc, args: ["-dumpfullversion", "-dumpversion"], cwd: places.root, use }),
    runTool({ command: "pkg-config", args: ["--modversion", "libdpdk"], cwd: places.root, use }),
  ]);
  for (const version of versions) hash.update(version.output);
  // Moving a clone moves what the library's build refers to.
  return hash.update(places.root).digest("hex").slice(0, 12);
}

function sourcesUnder(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const child = path.join(folder, entry.name);
      if (entry.isDirectory()) return sourcesUnder(child);
      return /\.(c|h)$|^CMakeLists\.txt$/.test(entry.name) ? [child] : [];
    })
    .sort();
}

function removeOld(newest: string): void {
  const cache = path.dirname(newest);
  const family = path.basename(newest).replace(/-[^-]*$/, "-");
  const others = readdirSync(cache)
    .filter((name) => name.startsWith(family) && existsSync(path.join(cache, name, FINISHED)))
    .map((name) => path.join(cache, name))
    .sort((a, b) => usedAt(b) - usedAt(a));
  for (const folder of others.slice(KEPT)) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}

function usedAt(folder: string): number {
  return statSync(path.join(folder, FINISHED)).mtimeMs;
}
