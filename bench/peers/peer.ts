/** Programs of others that do the same work, measured in the same run where they are installed. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Run } from "../lap.ts";
import type { Trace } from "../trace/trace.ts";

export interface Peer {
  readonly name: string;
  /** Looked for in `PATH`. */
  readonly program: string;
  /** Where it comes from, for those who do not have it. */
  readonly origin: string;
  /** Whether packets are in memory before its clock starts; else it reads the capture as it goes. */
  readonly inMemory: boolean;
  /** Plays the trace, checks what the peer counted, and throws a `BenchError` where it is not the trace's. */
  readonly run: (program: string, trace: Trace) => Promise<Run>;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Its path, or undefined where it is not installed. */
export function findPeer({ program }: Peer, path = process.env.PATH ?? ""): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, program))
    .find(isExecutable);
}
