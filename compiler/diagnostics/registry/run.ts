/** MBX7xxx: start and run time: devices, captures, memory, handlers that throw. */
import type { Family } from "./define.ts";

export const run = {} satisfies Family<"MBX7">;
