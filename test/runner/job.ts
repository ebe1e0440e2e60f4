/** A test that did not run, and why. */
export interface Skip {
  readonly name: string;
  readonly reason: string;
}

/** What one job says about itself when it has ended. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skip[];
  /** What it has to say beside its counts. */
  readonly note?: string;
  /** All that it wrote; shown only when something failed. */
  readonly output: string;
}

/** One file of tests, or one check over the whole repository. */
export interface Job {
  /** What a person types to run only this: a path, or a check's name. */
  readonly name: string;
  /** Jobs that fill all cores, or send traffic that has to arrive in time, run one at a time, last. */
  readonly alone: boolean;
  readonly run: () => Promise<Outcome>;
}

/** The outcome of a job that is one test by itself. */
export function singleOutcome(passed: boolean, output: string): Outcome {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: [], output };
}

const SKIP_LINE = /^# skip (.+?): (.+)$/gm;

/** Reads the lines `# skip NAME: reason` that tests in any language print. */
export function readSkips(output: string): readonly Skip[] {
  return [...output.matchAll(SKIP_LINE)].map(([, name = "", reason = ""]) => ({ name, reason }));
}
