import { existsSync, mkdirSync } from "node:fs";
import { basename } from "node:path";
import { type Job, singleOutcome } from "./job.ts";
import { runProcess } from "./process.ts";

const SOURCE = "test/fuzz";
const BUILD = ".cache/test/fuzz";
const BUILD_LIMIT = 600_000;

/** Seconds for each target: a short look in every run; a long one is started by hand. */
const SECONDS = 10;

/** One job a target of libFuzzer; inputs that found something new are kept between runs. */
export function fuzzJobs(files: readonly string[]): readonly Job[] {
  if (files.length === 0 || !existsSync(`${SOURCE}/CMakeLists.txt`)) return [];
  let building: Promise<{ code: number; output: string }> | undefined;

  return files.map((file) => ({
    name: file,
    alone: false,
    run: async () => {
      building ??= buildTargets();
      const built = await building;
      if (built.code !== 0) return singleOutcome(false, built.output);
      const target = basename(file, ".c");
      const corpus = `${BUILD}/corpus-${target}`;
      mkdirSync(corpus, { recursive: true });
      const seeds = `${SOURCE}/seeds/${target}`;
      const ended = await runProcess(
        [
          `${BUILD}/${target}`,
          `-max_total_time=${SECONDS}`,
          "-timeout=5",
          "-print_final_stats=1",
          `-artifact_prefix=${BUILD}/`,
          corpus,
          ...(existsSync(seeds) ? [seeds] : []),
        ],
        (SECONDS + 60) * 1000,
      );
      return singleOutcome(ended.code === 0, ended.output);
    },
  }));
}

async function buildTargets(): Promise<{ code: number; output: string }> {
  const configured = await runProcess(
    ["cmake", "-S", SOURCE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_C_COMPILER=clang", "--log-level=WARNING"],
    BUILD_LIMIT,
  );
  if (configured.code !== 0) return configured;
  return runProcess(["ninja", "-C", BUILD, "-j", "2"], BUILD_LIMIT);
}
