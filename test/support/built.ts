/**
 * Builds that are kept below `.cache`: what one test built, the next finds there. A
 * program of the tree is built where it lies, in one folder for all tests that want it
 * as it is.
 */
import { basename, join } from "node:path";
import { mbx, ROOT } from "./mbx.ts";

/** Chains of tests that have the machine for themselves, and do not wait for a compiler there. */
export const BUILT_AHEAD = [
  "garbage",
  "hang_drop",
  "hang_forward",
  "hang_placed",
  "inline",
  "storm",
  "throws",
].map((name) => `test/chains/${name}/${name}.mbx`);

/** For `-o` of `mbx`. */
export const keptBuild = (chain: string): string =>
  join(ROOT, ".cache", "test", "built", basename(chain, ".mbx"));

const LIMIT = 240_000;

/** Builds a program where that has not been done yet, and answers with its folder. */
export async function buildKept(chain: string): Promise<string> {
  const folder = keptBuild(chain);
  const built = await mbx(["build", chain, "-o", folder], { limit: LIMIT });
  if (built.code !== 0) throw new Error(`${chain} does not build:\n${built.stderr}`);
  return folder;
}
