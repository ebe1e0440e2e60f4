import { type Job, singleOutcome } from "./job.ts";
import { runProcess } from "./process.ts";

const LIMIT = 300_000;

const check = (name: string, command: readonly string[]): Job => ({
  name,
  alone: false,
  run: async () => {
    const { code, output } = await runProcess(command, LIMIT);
    return singleOutcome(code === 0, output);
  },
});

/** Checks over the whole repository; each counts as one test. */
export const checks: readonly Job[] = [
  check("types", [process.execPath, "node_modules/typescript/bin/tsc", "-p", "tsconfig.json", "--noEmit"]),
  check("format-typescript", [
    "node_modules/.bin/biome",
    "check",
    "--colors=off",
    "--max-diagnostics=50",
    ".",
  ]),
  check("format-c", ["bash", "tools/clang-format.sh", "--check"]),
];
