/** Builds both sides of a function, and runs them inside of the program that it is of. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { readProgram } from "../../compiler/build/front.ts";
import { createSources } from "../../compiler/build/sources.ts";
import { stubOf } from "../../compiler/emit/emit.ts";
import { planProgram } from "../../compiler/plan/plan.ts";
import { wrongCounts } from "../lap.ts";
import { BenchError, ROOT, runOrThrow } from "../process.ts";
import type { TraceCounts } from "../trace/spec.ts";
import type { Trace } from "../trace/trace.ts";
import { cDrain } from "./c-drain.ts";
import type { RingLap, RingTask } from "./task.ts";

export interface RingSubject {
  /** Relative to the clone's root; its handlers in TypeScript have one in C beside them. */
  readonly chain: string;
  readonly nf: string;
  /** Of one lap, as `ChainSubject` has it: the program as a whole counts right too. */
  readonly expected: (counts: TraceCounts) => Readonly<Record<string, number>>;
}

const START = `const program = await import(process.argv[1]);
process.exitCode = (await program.run(JSON.parse(process.argv[2]))).exitCode;`;

/** As many packets as can be on their way, so that also a ring is full whose packets wait for it. */
const BURST = 256;

const options = (capture: string): object => ({
  capture,
  ports: [],
  burst: BURST,
  speed: "max",
  poll: "adaptive",
  json: true,
  verbose: false,
});

/** The built program again, with the bench's worker before the worker proper. */
function withBenchWorker(built: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  cpSync(built, folder, { recursive: true, filter: (path) => basename(path) !== "cmake" });
  renameSync(join(folder, "worker.mjs"), join(folder, "worker-proper.mjs"));
  buildSync({
    entryPoints: [join(ROOT, "bench/ring/worker.ts")],
    outfile: join(folder, "worker.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
  });
}

/** A handler of the bench may use DPDK, whose headers are not ours to warn of. */
function dpdk(what: "--cflags" | "--libs"): readonly string[] {
  const text = execFileSync("pkg-config", [what, "libdpdk"], { encoding: "utf8" });
  return text
    .trim()
    .split(/\s+/)
    .map((flag) => flag.replace(/^-I/, "-isystem"));
}

/** Compiles the C side as a chain's functions are compiled: cmake/CMakeLists.txt.hbs. */
export function buildDrain({ chain, nf }: RingSubject, folder: string, march: string): string {
  const file = join(ROOT, chain);
  const { ir } = readProgram(file, "build", [], createSources(dirname(file)));
  if (ir === undefined) throw new BenchError(`${chain} does not compile`);
  const plan = planProgram(ir);
  const drain = cDrain(plan, stubOf(plan, nf), join(dirname(file), `${nf}.c`));
  writeFileSync(join(folder, `${nf}.gen.h`), drain.header);
  const unit = join(folder, `drain-${nf}.c`);
  writeFileSync(unit, drain.unit);
  const addon = join(folder, `drain-${nf}.node`);
  execFileSync("cc", [
    ...dpdk("--cflags"),
    ...[
      "-shared",
      "-fPIC",
      "-fvisibility=hidden",
      "-std=gnu11",
      "-O2",
      "-ftree-vectorize",
      "-fvect-cost-model=dynamic",
      "-Wall",
      "-Wextra",
      "-Wno-unused-parameter",
      "-Werror",
      `-march=${march}`,
    ],
    ...["-iquote", folder, "-I", join(ROOT, "bench/ring"), "-I", join(ROOT, "runtime/dataplane")],
    ...["-I", join(ROOT, "node_modules/node-api-headers/include")],
    ...[unit, join(ROOT, "bench/ring/drain_addon.c"), join(ROOT, "runtime/dataplane/ring/ring.c")],
    ...["-Wl,--as-needed", ...dpdk("--libs")],
    ...["-o", addon],
  ]);
  return addon;
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";

/** A round of a function in a process of its own: what V8 makes of it is not the same in all. */
export type RunRing = (events: number) => Promise<RingLap>;

/** The chain is built already. */
export function prepareRing(subject: RingSubject, trace: Trace, march: string): RunRing {
  const { chain, nf } = subject;
  const name = basename(chain, ".mbx");
  const folder = join(ROOT, ".cache", "bench", "ring", `${name}-${nf}`);
  mkdirSync(dirname(folder), { recursive: true });
  withBenchWorker(join(ROOT, dirname(chain), ".mbx", name), folder);
  const result = join(folder, "lap.json");
  const addon = buildDrain(subject, folder, march);
  const main = pathToFileURL(join(folder, "main.mjs")).href;
  return async (events) => {
    const task: RingTask = { nf, addon, result, events };
    const { stdout } = await runOrThrow(
      process.execPath,
      ["--input-type=module", "-e", START, main, JSON.stringify(options(trace.path))],
      { MBX_BENCH_RING: JSON.stringify(task) },
    );
    const wrong = wrongCounts(JSON.parse(lastLine(stdout)), subject.expected(trace.counts), 1);
    if (wrong.length > 0) throw new BenchError(`${nf} over ${trace.name} counted wrong: ${wrong.join("; ")}`);
    return JSON.parse(readFileSync(result, "utf8"));
  };
}
