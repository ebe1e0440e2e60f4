/** Where things are: the clone's own sources, its cache, and a program's build folder. */
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type PlanOptions, plainPlan, planFlagsOf } from "../plan/options.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export const places = {
  root: ROOT,
  cache: path.join(ROOT, ".cache"),
  cmakeTemplates: path.join(ROOT, "codegen-templates/cmake"),
  dataplane: path.join(ROOT, "runtime/dataplane"),
  addon: path.join(ROOT, "runtime/addon"),
  control: path.join(ROOT, "runtime/control"),
  nodeApiHeaders: path.join(ROOT, "node_modules/node-api-headers/include"),
  types: path.join(ROOT, "node_modules/@types"),
  typescript: path.join(ROOT, "node_modules/typescript/package.json"),
} as const;

/** What of a program's build folder has a fixed name. */
export const inFolder = {
  cmake: "cmake",
  addon: "chain.node",
  main: "main.mjs",
  worker: "worker.mjs",
  manifest: "manifest.json",
  log: "build.log",
} as const;

/**
 * `.mbx/NAME` beside the root file. Settings and plan options from the command line make
 * another program, which gets a folder of its own: else every run would build again.
 */
export function defaultFolder(
  file: string,
  settings: readonly string[],
  options: PlanOptions = plainPlan,
): string {
  const name = path.basename(file, ".mbx");
  const given = [...settings, ...planFlagsOf(options)].sort();
  const suffix = given.length === 0 ? "" : `-${shortHash(given.join("\n"))}`;
  return path.join(path.dirname(path.resolve(file)), ".mbx", name + suffix);
}

export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
