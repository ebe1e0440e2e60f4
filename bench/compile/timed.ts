/** A program's time: from its start to its end, and what it and all it started took of the processor. */
import { BenchError, runProgram } from "../process.ts";

export interface Took {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** A compiler cache would hide what compiling costs. */
const WITHOUT_CACHE = "unset CMAKE_C_COMPILER_LAUNCHER; export CCACHE_DISABLE=1";
const TIMED = `${WITHOUT_CACHE}; TIMEFORMAT='took %R %U %S'; time "$@"`;

export async function timed(program: string, args: readonly string[]): Promise<Took> {
  const ended = await runProgram("bash", ["-c", TIMED, "timed", program, ...args]);
  const took = /^took ([\d.]+) ([\d.]+) ([\d.]+)$/m.exec(ended.stderr);
  if (ended.code !== 0 || took === null)
    throw new BenchError(`\`${program} ${args.join(" ")}\` ended with code ${ended.code}:\n${ended.stderr}`);
  const [, real, user, system] = took.map(Number);
  return { seconds: real ?? 0, cpuSeconds: (user ?? 0) + (system ?? 0) };
}
