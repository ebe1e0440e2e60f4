// Starts a bundle with the code that V8 made of it at an earlier start: most of a short
// start goes into compiling what runs once. Node 20 has no such cache of its own.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";
import { placeFaults } from "./faults.mjs";

/** Exit codes from here on are of wrong use and of faults: they ran little of the code. */
const USAGE = 2;

/** Where the bundle is made of anything else than what it was, V8 takes none of the code. */
function codeAt(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Made beside and moved, as another process may read it. Who may not write there starts slower. */
function keep(file, code) {
  const unfinished = `${file}.${process.pid}`;
  try {
    writeFileSync(unfinished, code);
    renameSync(unfinished, file);
  } catch {
    rmSync(unfinished, { force: true });
  }
}

/**
 * Runs the bundle at path `bundle` and gives its exports. Each `command` runs other parts
 * of it, and has its code in a file of its own.
 */
export function loadBundle(bundle, command) {
  const file = join(dirname(bundle), `${command}.v8`);
  const code = codeAt(file);
  placeFaults(bundle);
  const script = new Script(Module.wrap(readFileSync(bundle, "utf8")), {
    filename: bundle,
    cachedData: code,
  });
  if (code === undefined || script.cachedDataRejected) {
    // At the end, because only then everything that runs has been compiled.
    process.once("exit", (status) => {
      if (status < USAGE) keep(file, script.createCachedData());
    });
  }
  const module = { exports: {}, importModule: (name) => import(name) };
  const run = script.runInThisContext();
  run.call(module.exports, module.exports, createRequire(bundle), module, bundle, dirname(bundle));
  return module.exports;
}
