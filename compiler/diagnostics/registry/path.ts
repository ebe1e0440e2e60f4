/** MBX4xxx: paths, chains, verdicts. */
import type { Family } from "./define.ts";

export const path = {} satisfies Family<"MBX4">;
