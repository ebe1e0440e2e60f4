// Keeps a bundle of the compiler in .cache/mbx, one folder for each state of the
// sources: their names, sizes and times decide, as make does it.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ENTRY = "compiler/cli/main.ts";
const SOURCES = ["compiler", "grammar", "runtime/control"];

/** These stay packages: large, rarely needed, or not made for bundling. */
const EXTERNAL = ["typescript", "esbuild", "handlebars"];

/** Milliseconds for which a bundle of older sources is kept: its process may still load parts of it. */
const KEPT = 3_600_000;

/**
 * The path of the compiler's bundle below `root` (a file URL), made where it is not
 * there; `undefined` where it cannot be made: a read-only clone, or a mistake in
 * the sources, which loading them one by one then shows.
 */
export async function compiledBundle(root) {
  const folder = fileURLToPath(root);
  try {
    const bundle = join(folder, ".cache/mbx", stateOf(folder));
    const entry = join(bundle, "main.cjs");
    if (!existsSync(entry)) await makeBundle(folder, bundle);
    return entry;
  } catch {
    return undefined;
  }
}

/** A name for the sources as they are. The clone's place is part of it: the bundle names files. */
function stateOf(folder) {
  const hash = createHash("sha256").update(`${folder}\n${process.version}\n`);
  const files = [
    "package-lock.json",
    "bin/compiled.mjs",
    ...SOURCES.flatMap((name) => typeScriptBelow(folder, name)),
  ];
  for (const file of files) {
    const { size, mtimeMs } = statSync(join(folder, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

function typeScriptBelow(folder, path) {
  const entries = existsSync(join(folder, path))
    ? readdirSync(join(folder, path), { withFileTypes: true })
    : [];
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const below = `${path}/${entry.name}`;
      if (entry.isDirectory()) return typeScriptBelow(folder, below);
      return entry.name.endsWith(".ts") ? [below] : [];
    });
}

/** Made beside and moved: whoever starts at the same time sees all of it or nothing. */
async function makeBundle(folder, bundle) {
  const parent = join(folder, ".cache/mbx");
  mkdirSync(parent, { recursive: true });
  const unfinished = mkdtempSync(join(parent, "new-"));
  try {
    await bundleSources(folder, ENTRY, unfinished);
    move(unfinished, bundle);
    removeOld(parent, bundle);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/**
 * Bundles a module of the clone below `folder`, and what it imports, into `outdir`: one
 * file, as a module of CommonJS, because of such V8 gives its code away (`load.mjs`).
 */
export async function bundleSources(folder, entry, outdir) {
  const esbuild = await import("esbuild");
  try {
    await esbuild.build({
      absWorkingDir: folder,
      entryPoints: [entry],
      outdir,
      outExtension: { ".js": ".cjs" },
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      banner: { js: "const importModule = module.importModule;" },
      sourcemap: true,
      logLevel: "silent",
      plugins: [keepPlaces(esbuild), requirePackages],
    });
  } finally {
    await esbuild.stop();
  }
}

/** Code that V8 kept has lost how it imports what it has a path of: the one who loads it does that. */
const IMPORT_OF_A_PATH = /\bimport(?=\(pathToFileURL\()/g;

/** A source that asks where it is gets its own place, not the bundle's. */
function keepPlaces(esbuild) {
  return {
    name: "keep-places",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = readFileSync(path, "utf8").replace(IMPORT_OF_A_PATH, "importModule");
        if (!text.includes("import.meta.url")) return { contents: text, loader: "ts" };
        const define = { "import.meta.url": JSON.stringify(pathToFileURL(path).href) };
        const { code } = await esbuild.transform(text, {
          loader: "ts",
          define,
          sourcemap: "inline",
          sourcefile: path,
        });
        return { contents: code, loader: "js" };
      });
    },
  };
}

/**
 * A package in CommonJS is required where the sources import it: to import it,
 * Node reads all of it once more for its names, which for `typescript` takes
 * longer than to run it.
 */
const requirePackages = {
  name: "require-packages",
  setup(build) {
    const filter = new RegExp(`^(?:${EXTERNAL.join("|")})$`);
    build.onResolve({ filter }, ({ path, namespace }) =>
      namespace === "package" ? { path, external: true } : { path, namespace: "package" },
    );
    build.onLoad({ filter, namespace: "package" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};

function move(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another process has just made the same.
    if (!existsSync(to)) throw error;
  }
}

function removeOld(parent, current) {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    const old = path !== current && Date.now() - statSync(path).mtimeMs > KEPT;
    if (old) rmSync(path, { recursive: true, force: true });
  }
}
