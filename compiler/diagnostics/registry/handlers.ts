/** MBX6xxx: handler files and generated names. */
import type { Family } from "./define.ts";

export const handlers = {} satisfies Family<"MBX6">;
