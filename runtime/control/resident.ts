/** What of this process lies in memory, and the most that ever did. */
import { readFileSync, writeFileSync } from "node:fs";

/** Bytes. */
export interface Resident {
  /** Of Node, its workers and the program's code, before the first packet. */
  readonly own: number;
  /** Of all, before the first packet. */
  readonly before: number;
  /** The most of all since then. */
  readonly highest: number;
}

const STATUS = "/proc/self/status";
const CLEAR = "/proc/self/clear_refs";
const CLEAR_HIGHEST = "5";

function statusLine(name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(STATUS, "utf8"));
  return Number(line?.[1] ?? 0) * 1024;
}

/** Asked in this order: made, `opened` right before and after the pools are taken, `start`, `end`. */
export class ResidentWatch {
  #pools = 0;
  #before = 0;

  /** Takes the pools, and counts what became resident by that as theirs. */
  opened(open: () => void): void {
    const before = statusLine("VmRSS");
    open();
    this.#pools = statusLine("VmRSS") - before;
  }

  /** Packets come from now on. What a compiler in this process used before is forgotten. */
  start(): void {
    this.#before = statusLine("VmRSS");
    try {
      writeFileSync(CLEAR, CLEAR_HIGHEST);
    } catch {
      // A kernel without it: the highest is that of the process's life.
    }
  }

  read(): Resident {
    return { own: this.#before - this.#pools, before: this.#before, highest: statusLine("VmHWM") };
  }
}
