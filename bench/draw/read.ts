/** Reads what `--json` of the bench wrote. */
import type { MeasuredComparison, MeasuredSubject, Measurement } from "../measure.ts";
import { BenchError } from "../process.ts";
import type { Spread } from "../statistics.ts";

/** A file that is not a measurement, with a sentence that says where. */
export class NotMeasured extends BenchError {}

/** What a figure says about how it was taken. */
export interface Taken {
  readonly cpu: string;
  readonly rounds: number;
  readonly march: string;
}

/** An object of the file, with the path to it. */
class Part {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    if (typeof value !== "object" || value === null) throw new NotMeasured(`${path} is not an object`);
    this.#value = { ...value };
    this.#path = path;
  }

  #wrong(name: string, what: string): NotMeasured {
    return new NotMeasured(`${this.#path}.${name} is not ${what}`);
  }

  number(name: string): number {
    const value = this.#value[name];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw this.#wrong(name, "a number");
  }

  text(name: string): string {
    const value = this.#value[name];
    if (typeof value === "string") return value;
    throw this.#wrong(name, "a text");
  }

  flag(name: string): boolean {
    const value = this.#value[name];
    if (typeof value === "boolean") return value;
    throw this.#wrong(name, "true or false");
  }

  part(name: string): Part {
    return new Part(this.#value[name], `${this.#path}.${name}`);
  }

  #list(name: string): readonly unknown[] {
    const value = this.#value[name];
    if (Array.isArray(value)) return value;
    throw this.#wrong(name, "a list");
  }

  parts(name: string): readonly Part[] {
    return this.#list(name).map((value, i) => new Part(value, `${this.#path}.${name}[${i}]`));
  }

  numbers(name: string): readonly number[] {
    return this.#list(name).map((value) => {
      if (typeof value === "number") return value;
      throw this.#wrong(name, "a list of numbers");
    });
  }
}

const spread = (part: Part): Spread => ({
  median: part.number("median"),
  min: part.number("min"),
  max: part.number("max"),
});

const subject = (part: Part): MeasuredSubject => ({
  name: part.text("name"),
  program: part.text("program"),
  trace: part.text("trace"),
  packets: part.number("packets"),
  inMemory: part.flag("inMemory"),
  laps: part.number("laps"),
  flows: part.number("flows"),
  hugepages: part.flag("hugepages"),
  runs: part.parts("runs").map((run) => ({ packets: run.number("packets"), seconds: run.number("seconds") })),
  packetsPerSecond: spread(part.part("packetsPerSecond")),
});

/** `cyclesPerCall` and ratios of latencies are not drawn. */
const comparison = (part: Part): MeasuredComparison => ({
  name: part.text("name"),
  trace: part.text("trace"),
  subject: part.text("subject"),
  baseline: part.text("baseline"),
  compares: part.text("compares") === "latency" ? "latency" : "packets",
  claim: part.number("claim"),
  rounds: part.numbers("rounds"),
  ratio: spread(part.part("ratio")),
  holds: part.flag("holds"),
  elapsedSeconds: part.number("elapsedSeconds"),
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotMeasured(error instanceof Error ? error.message : String(error));
  }
}

export function readMeasurement(text: string): { readonly measurement: Measurement; readonly taken: Taken } {
  const file = new Part(parse(text), "the file");
  return {
    measurement: {
      subjects: file.parts("subjects").map(subject),
      comparisons: file.parts("comparisons").map(comparison),
    },
    taken: {
      cpu: file.part("machine").text("cpu"),
      rounds: file.number("rounds"),
      march: file.text("march"),
    },
  };
}
