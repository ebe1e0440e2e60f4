/** Builds that are kept below `.cache`: a test finds there what was built ahead of it. */
import { basename, join } from "node:path";
import { ROOT } from "./mbx.ts";

/** Chains of tests that have the machine for themselves, and do not wait for a compiler there. */
export const BUILT_AHEAD = ["hang_drop", "hang_forward", "inline", "storm", "throws"].map(
  (name) => `test/chains/${name}/${name}.mbx`,
);

/** For `-o` of `mbx`. */
export const keptBuild = (chain: string): string =>
  join(ROOT, ".cache", "test", "built", basename(chain, ".mbx"));
