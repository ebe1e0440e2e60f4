// Measures what is allocated between events, and how late a timer of 100 ms fires meanwhile.
import { constants, PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { logLine } from "../log.js";

const PERIOD_MS = 100;
const WINDOWS = 8;

const warmUp = Number(process.env.MBX_TEST_WARM_UP);
const observed = Number(process.env.MBX_TEST_EVENTS);

/** What the youngest objects take, in bytes. */
const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_used_size ??
  Number.NaN;

/** Between two windows of events. */
interface Mark {
  readonly bytes: number;
  readonly time: number;
}

/** One for each function. */
export class Watch {
  readonly #name: string;
  readonly #scavenges: number[] = [];
  readonly #gaps: number[] = [];
  readonly #marks: Mark[] = [];
  #events = 0;
  #next = warmUp / 2;

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
      if (this.#events > 0 && this.#marks.length <= WINDOWS) this.#gaps.push(now - before);
      before = now;
    }, PERIOD_MS);
  }

  /** For each event. */
  count(): void {
    this.#events += 1;
    if (this.#events === this.#next) this.#reach();
  }

  #reach(): void {
    if (this.#events < warmUp) {
      this.#collect();
      this.#next = warmUp;
      return;
    }
    this.#marks.push({ bytes: youngBytes(), time: performance.now() });
    this.#next = this.#marks.length > WINDOWS ? Number.NaN : this.#events + observed / WINDOWS;
  }

  /** Early, because V8 may compile anew what depends on what it has collected. */
  #collect(): void {
    setFlagsFromString("--expose-gc");
    runInNewContext("gc")();
  }

  /** Of each window; of one with a scavenge it is not known. */
  #allocated(): readonly string[] {
    return this.#marks.slice(1).map((end, i) => {
      const begin = this.#marks[i] ?? end;
      const scavenged = this.#scavenges.some((time) => time > begin.time && time < end.time);
      return scavenged ? "scavenged" : String(end.bytes - begin.bytes);
    });
  }

  /** What was observed last comes with the next turns of the event loop. */
  async end(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (this.#marks.length <= WINDOWS) return;
    const gaps = this.#gaps.map((gap) => Math.round(gap)).join(" ");
    logLine(`${this.#name} allocated ${this.#allocated().join(" ")}, gaps ${gaps}`);
  }
}
