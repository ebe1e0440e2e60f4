/** Copies of the clone that lack one optimisation each. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { copyClone } from "../clone.ts";
import { ROOT, runOrThrow } from "../process.ts";

const FOLDER = join(ROOT, ".cache", "bench", "without");

/** What takes the optimisation away, behind a sentence that says which. */
export const patchOf = (name: string): string => fileURLToPath(new URL(`${name}.patch`, import.meta.url));

export const patchedClone = (name: string): string => join(FOLDER, name);

/** Throws where the patch does not fit exactly. Git is not to look for the repository around `folder`. */
export async function applyPatch(name: string, folder: string, flags: readonly string[] = []): Promise<void> {
  const outside = `GIT_CEILING_DIRECTORIES=${dirname(folder)}`;
  await runOrThrow("env", [outside, "git", "-C", folder, "apply", ...flags, patchOf(name)]);
}

/** Made anew, so that it is the clone as it is now. */
export async function makePatchedClone(name: string): Promise<void> {
  const folder = patchedClone(name);
  copyClone(folder, ["bench/chains", "samples/ids"]);
  await applyPatch(name, folder);
}
