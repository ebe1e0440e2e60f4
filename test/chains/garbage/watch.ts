// Counts scavenges between two events, and how late a timer of 100 ms fires meanwhile.
import { constants, PerformanceObserver } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { logLine } from "../log.js";

const PERIOD_MS = 100;

const warmUp = Number(process.env.MBX_TEST_WARM_UP);
const last = warmUp + Number(process.env.MBX_TEST_EVENTS);

/** One for each function. */
export class Watch {
  readonly #name: string;
  readonly #scavenges: number[] = [];
  readonly #gaps: number[] = [];
  #events = 0;
  #begin = 0;
  #end = 0;

  constructor(name: string) {
    this.#name = name;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { kind } = Reflect.get(entry, "detail");
        if (kind === constants.NODE_PERFORMANCE_GC_MINOR) this.#scavenges.push(entry.startTime);
      }
    });
    observer.observe({ entryTypes: ["gc"] });
    let before = performance.now();
    setInterval(() => {
      const now = performance.now();
      if (this.#events > 0 && this.#end === 0) this.#gaps.push(now - before);
      before = now;
    }, PERIOD_MS);
  }

  /** For each event. */
  count(): void {
    this.#events += 1;
    if (this.#events === warmUp / 2) this.#collect();
    if (this.#events === warmUp) this.#begin = performance.now();
    if (this.#events === last) this.#end = performance.now();
  }

  /** Early, because V8 may compile anew what depends on what it has collected. */
  #collect(): void {
    setFlagsFromString("--expose-gc");
    runInNewContext("gc")();
  }

  /** What was observed last comes with the next turns of the event loop. */
  async end(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (this.#end === 0) return;
    const scavenges = this.#scavenges.filter((time) => time > this.#begin && time < this.#end).length;
    const gaps = this.#gaps.map((gap) => Math.round(gap)).join(" ");
    logLine(`${this.#name} ${scavenges} scavenges, gaps ${gaps}`);
  }
}
