/** MBX3xxx: events: who raises, who hears. */
import type { Family } from "./define.ts";

export const events = {} satisfies Family<"MBX3">;
