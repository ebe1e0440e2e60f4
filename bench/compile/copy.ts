/**
 * A copy of the clone, so that "nothing cached" takes nothing from its user: its
 * cache is its own. Chains are made beside it.
 */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { copyClone } from "../clone.ts";
import { ROOT, runOrThrow } from "../process.ts";
import { type MadeChain, makeChain } from "./chain.ts";

export interface Copy {
  /** The copy's `mbx`. */
  readonly mbx: string;
  readonly cache: string;
  /** The bundled `phases.ts`. */
  readonly phases: string;
  /** A chain of `nfs` functions, with no handler yet. */
  readonly chain: (nfs: number) => string;
  /** The same with a file for each handler, of which nothing has to be said. */
  readonly checked: (nfs: number) => string;
  /** A sample of the clone. */
  readonly sample: (name: string) => string;
}

function writeChain(folder: string, { text }: MadeChain, handlers: readonly string[]): string {
  const file = join(folder, "long.mbx");
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  for (const handler of handlers) writeFileSync(join(folder, handler), "");
  return file;
}

export async function makeCopy(seed: number): Promise<Copy> {
  const folder = join(ROOT, ".cache", "bench", "compile");
  const clone = join(folder, "clone");
  rmSync(folder, { recursive: true, force: true });
  copyClone(clone);
  await runOrThrow(process.execPath, [join(ROOT, "bench/compile/bundle.mjs"), join(folder, "phases")]);
  // The first start bundles the compiler, once for a clone.
  await runOrThrow(process.execPath, [join(clone, "bin", "mbx.mjs"), "--version"]);
  return {
    mbx: join(clone, "bin", "mbx.mjs"),
    cache: join(clone, ".cache"),
    phases: join(folder, "phases", "phases.cjs"),
    chain: (nfs) => writeChain(join(folder, String(nfs)), makeChain({ nfs, seed }), []),
    checked: (nfs) => {
      const made = makeChain({ nfs, seed });
      return writeChain(join(folder, `checked-${nfs}`), made, made.handlers);
    },
    sample: (name) => {
      const file = join(folder, name, `${name}.mbx`);
      if (existsSync(file)) return file;
      cpSync(join(ROOT, "samples", name), dirname(file), {
        recursive: true,
        filter: (path) => !path.includes(".mbx/") && !path.endsWith("/.mbx"),
      });
      return file;
    },
  };
}
