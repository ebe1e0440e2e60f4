import { existsSync, mkdirSync } from "node:fs";
import { basename } from "node:path";
import { type Job, type Outcome, singleOutcome } from "./job.ts";
import { type Ended, runProcess } from "./process.ts";

const SOURCE = "test/fuzz";
const BUILD = ".cache/test/fuzz";
const BUILD_LIMIT = 600_000;

/** Captures beside the checkout, from which a run starts where they are there. */
const SHARED = "../shared/captures";

interface Target {
  /** Bytes of an input at most; longer seeds are cut, which a capture may be. */
  readonly longest: number;
  /** Folders of captures that are inputs as they are. */
  readonly captures: readonly string[];
}

const CAPTURES = ["evasion", "reassembly", "malformed", "apps"];

const TARGETS: Readonly<Record<string, Target>> = {
  capture_fuzz: { longest: 16_384, captures: CAPTURES },
  packet_fuzz: { longest: 2048, captures: [] },
  pipeline_fuzz: { longest: 16_384, captures: CAPTURES },
  reassembly_fuzz: { longest: 512, captures: [] },
};

/** Seconds for each target: a minute in CI, a short look on a desk. */
export const shortRun = (env: NodeJS.ProcessEnv): number => (env.CI === "true" ? 60 : 10);

/**
 * How a target is run. What found something new is kept in `.cache`, so the next
 * run goes on where this one stopped.
 */
export function fuzzCommand(name: string, seconds: number): readonly string[] {
  const target = TARGETS[name] ?? { longest: 4096, captures: [] };
  const corpus = `${BUILD}/corpus-${name}`;
  mkdirSync(corpus, { recursive: true });
  const seeds = [`${SOURCE}/seeds/${name}`, ...target.captures.map((folder) => `${SHARED}/${folder}`)];
  return [
    `${BUILD}/${name}`,
    `-max_total_time=${seconds}`,
    `-max_len=${target.longest}`,
    "-timeout=20",
    "-print_final_stats=1",
    `-artifact_prefix=${BUILD}/${name}-`,
    corpus,
    ...seeds.filter((folder) => existsSync(folder)),
  ];
}

/** Executions that libFuzzer's last lines tell of; undefined where it ended before. */
export function executions(output: string): number | undefined {
  const found = /^stat::number_of_executed_units:\s*(\d+)$/m.exec(output)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** A run that executed nothing has tested nothing. */
export function readFuzz({ code, output }: Ended): Outcome {
  const count = executions(output) ?? 0;
  const outcome = singleOutcome(code === 0 && count > 0, output);
  return { ...outcome, note: `${count.toLocaleString("en-US")} executions` };
}

/** One job a target of libFuzzer. */
export function fuzzJobs(files: readonly string[]): readonly Job[] {
  if (files.length === 0 || !existsSync(`${SOURCE}/CMakeLists.txt`)) return [];
  const names = files.map((file) => basename(file, ".c"));
  const seconds = shortRun(process.env);
  let building: Promise<Ended> | undefined;

  return files.map((file) => ({
    name: file,
    alone: false,
    run: async () => {
      building ??= buildFuzz(names);
      const built = await building;
      if (built.code !== 0) return singleOutcome(false, built.output);
      // Its progress is thousands of lines, of which nobody reads one.
      const command = [...fuzzCommand(basename(file, ".c"), seconds), "-verbosity=0"];
      return readFuzz(await runProcess(command, (seconds + 90) * 1000));
    },
  }));
}

export async function buildFuzz(names: readonly string[]): Promise<Ended> {
  const configured = await runProcess(
    ["cmake", "-S", SOURCE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_C_COMPILER=clang", "--log-level=WARNING"],
    BUILD_LIMIT,
  );
  if (configured.code !== 0) return configured;
  return runProcess(["ninja", "-C", BUILD, "-j", "2", ...names], BUILD_LIMIT);
}
