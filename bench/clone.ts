/** Copies of the clone's sources, each with a cache of its own. */
import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./process.ts";

/** What a chain is compiled and run from. */
const COPIED = [
  "bin",
  "codegen-templates",
  "compiler",
  "grammar",
  "runtime",
  "package.json",
  "package-lock.json",
];

/** Makes `folder` anew. */
export function copyClone(folder: string, more: readonly string[] = []): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of [...COPIED, ...more])
    cpSync(join(ROOT, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.includes("/.mbx"),
    });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
}
