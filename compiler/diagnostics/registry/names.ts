/** MBX2xxx: names and types. */
import type { Family } from "./define.ts";

export const names = {} satisfies Family<"MBX2">;
