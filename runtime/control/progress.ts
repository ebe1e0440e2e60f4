/** The line that lives on a terminal while a program runs. */

import type { Snapshot } from "./snapshot.ts";
import { formatCount, formatRate } from "./summary.ts";

/** So many event types at most are named in the line. */
const EVENTS_SHOWN = 3;

/** The catalog's events; what is not among them, the program's author declared. */
const BUILT_IN = /^(PKT|FLOW|DATA|CONN)(_|$)|^TIMER$/;

/** `seconds` since `before` was read. */
export function progressLine(before: Snapshot, now: Snapshot, seconds: number): string {
  const packets = now.counters["packets.in"] ?? 0;
  const rate = seconds > 0 ? (packets - (before.counters["packets.in"] ?? 0)) / seconds : 0;
  const alerts = Object.entries(now.events)
    .filter(([name]) => !BUILT_IN.test(name))
    .slice(0, EVENTS_SHOWN)
    .map(([name, count]) => `${formatCount(count)} ${name}`);
  return [
    `${formatCount(packets)} packets`,
    formatRate(rate),
    ...(now.flows > 0 ? [`${formatCount(now.flows)} flows`] : []),
    ...alerts,
  ].join(" · ");
}

/** Draws over itself; whoever prints elsewhere clears it first. */
export class ProgressLine {
  readonly #write: (text: string) => void;
  readonly #columns: () => number;
  #shown = false;

  constructor(write: (text: string) => void, columns: () => number) {
    this.#write = write;
    this.#columns = columns;
  }

  show(line: string): void {
    this.#write(`\r\u001b[K${line.slice(0, Math.max(20, this.#columns() - 1))}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#write("\r\u001b[K");
    this.#shown = false;
  }
}
