import { readFileSync } from "node:fs";
import { type Job, type Outcome, readSkips } from "./job.ts";
import { type Ended, runProcess } from "./process.ts";

/** For a file that does not say otherwise, in seconds. */
const TIME_LIMIT = 120;

const count = (output: string, word: string): number | undefined => {
  const found = [...output.matchAll(new RegExp(`^ {2}${word}: +(\\d+)$`, "gm"))].at(-1)?.[1];
  return found === undefined ? undefined : Number(found);
};

/**
 * Reads the totals that uvu prints at its end. A file without them has crashed
 * or ended early, and fails as one test of its own. A skip must say why.
 */
export function readUvu({ code, output }: Ended): Outcome {
  const total = count(output, "Total");
  const passed = count(output, "Passed");
  const declared = count(output, "Skipped");
  const skipped = readSkips(output);
  if (total === undefined || passed === undefined || declared === undefined) {
    return {
      passed: 0,
      failed: 1,
      skipped,
      output: `${output}\nit ended without a result (exit code ${code})\n`,
    };
  }
  // A test that finds out while it runs that it must skip counts as passed in uvu.
  const skippedInside = Math.max(0, skipped.length - declared);
  const unexplained = Math.max(0, declared - skipped.length);
  const failed = total - passed + unexplained;
  const crashedAfterwards = failed === 0 && code !== 0 ? 1 : 0;
  const notes = [
    unexplained > 0 ? `${unexplained} skipped without a line "# skip NAME: reason"\n` : "",
    crashedAfterwards > 0 ? `its tests passed, but it ended with exit code ${code}\n` : "",
  ];
  return {
    passed: passed - skippedInside,
    failed: failed + crashedAfterwards,
    skipped,
    output: output + notes.join(""),
  };
}

/** What a file asks of the runner, in lines of its own. */
export interface Wishes {
  /** `// time limit: 300 s`, in milliseconds. */
  readonly limit: number;
  /** `// alone: REASON`: it fills all cores, or its traffic has to arrive in time. */
  readonly alone: boolean;
}

export function readWishes(source: string): Wishes {
  const stated = /^\/\/ time limit: (\d+) s$/m.exec(source)?.[1];
  return {
    limit: 1000 * (stated === undefined ? TIME_LIMIT : Number(stated)),
    alone: /^\/\/ alone: \S/m.test(source),
  };
}

export function uvuJob(file: string): Job {
  const { limit, alone } = readWishes(readFileSync(file, "utf8"));
  return {
    name: file,
    alone,
    run: async () => {
      const { FORCE_COLOR: _force, NO_COLOR: _no, ...env } = process.env;
      const command = [process.execPath, "--import", "./node_modules/tsx/dist/loader.mjs", file];
      return readUvu(await runProcess(command, limit, env));
    },
  };
}
