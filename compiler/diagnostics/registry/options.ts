/** MBX5xxx: stacks and their options. */
import type { Family } from "./define.ts";

export const options = {} satisfies Family<"MBX5">;
