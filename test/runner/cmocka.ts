import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { buildSanitized, WITH_SANITIZED } from "../support/sanitized.ts";
import { type Job, type Outcome, readSkips, singleOutcome } from "./job.ts";
import { type Ended, runProcess } from "./process.ts";

const SOURCE = "test/dataplane";
const BUILD = ".cache/test/dataplane";
const BUILD_LIMIT = 600_000;
const RUN_LIMIT = 120_000;

const SANITIZED: NodeJS.ProcessEnv = {
  ...process.env,
  CMOCKA_MESSAGE_OUTPUT: "TAP",
  ASAN_OPTIONS: "abort_on_error=0:detect_leaks=1:strict_string_checks=1",
  // What the EAL takes once and the end of the process gives back.
  LSAN_OPTIONS: `suppressions=${resolve(SOURCE, "support/leaks.txt")}:print_suppressions=0`,
  UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
};

/** Reads what cmocka prints as TAP. A program that ends before its last test fails. */
export function readTap({ code, output }: Ended): Outcome {
  const lines = output.split("\n");
  const skipped = readSkips(output);
  const announced = lines
    .map((line) => /^1\.\.(\d+)$/.exec(line)?.[1])
    .reduce((sum, found) => sum + Number(found ?? 0), 0);
  // cmocka 1.1 prints a skip as "not ok 2 # SKIP name"; TAP would have it as "ok".
  const skippedHere = lines.filter((line) => /^(not )?ok \d+.*# SKIP/i.test(line)).length;
  const ok = lines.filter((line) => /^ok \d+/.test(line) && !/# SKIP/i.test(line)).length;
  const notOk = lines.filter((line) => /^not ok \d+/.test(line) && !/# SKIP/i.test(line)).length;
  const unexplained = Math.max(0, skippedHere - skipped.length);
  const missing = Math.max(0, announced - ok - notOk - skippedHere);
  const silent = code !== 0 || announced === 0 ? 1 : 0;
  return {
    passed: ok,
    failed: Math.max(notOk + missing + unexplained, silent),
    skipped,
    output: code === 0 ? output : `${output}\nexit code ${code}\n`,
  };
}

const ninja = (targets: readonly string[]) =>
  runProcess(["ninja", "-C", BUILD, "-j", "2", "-k", "0", ...targets], BUILD_LIMIT);

/**
 * Builds the programs given, all in one run of ninja where that works. Answers
 * for each what was wrong with it; nothing when it is there.
 */
async function build(targets: readonly string[]): Promise<ReadonlyMap<string, string>> {
  await buildSanitized();
  const configured = await runProcess(
    ["cmake", "-S", SOURCE, "-B", BUILD, "-G", "Ninja", "--log-level=WARNING", WITH_SANITIZED],
    BUILD_LIMIT,
  );
  if (configured.code !== 0) return new Map(targets.map((target) => [target, configured.output]));
  if ((await ninja(targets)).code === 0) return new Map();

  const faults = new Map<string, string>();
  for (const target of targets) {
    const built = await ninja([target]);
    if (built.code !== 0) faults.set(target, built.output);
  }
  return faults;
}

/** One job a file; they share one build, which the first of them starts. */
export function cmockaJobs(files: readonly string[]): readonly Job[] {
  if (files.length === 0 || !existsSync(`${SOURCE}/CMakeLists.txt`)) return [];
  const targets = files.map((file) => basename(file, ".c"));
  let building: Promise<ReadonlyMap<string, string>> | undefined;

  return files.map((file) => ({
    name: file,
    alone: false,
    run: async () => {
      building ??= build(targets);
      const target = basename(file, ".c");
      const fault = (await building).get(target);
      if (fault !== undefined) return singleOutcome(false, fault);
      return readTap(await runProcess([`${BUILD}/${target}`], RUN_LIMIT, SANITIZED));
    },
  }));
}
