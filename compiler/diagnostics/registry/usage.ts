/** MBX8xxx: the command line. */
import type { Family } from "./define.ts";

export const usage = {} satisfies Family<"MBX8">;
