/** One run of a chain under `perf`, which looks thousands of times a second where the lcore is. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Run, runChain } from "../lap.ts";
import { BenchError, runOrThrow, runProgram } from "../process.ts";
import type { ChainSubject } from "../subjects.ts";
import type { Trace } from "../trace/trace.ts";
import type { Frame } from "./attribute.ts";
import { addressIn, readFrames, readRecorded, readSegments } from "./perf.ts";
import { type ByPlace, cyclesByPlace, placesOf } from "./window.ts";

/** A second; not a divisor of what timers have, so that they do not fall together. */
const FREQUENCY = 9_973;
/** A clock, because virtual machines have no counters; user space, because more is not everybody's to see. */
const SAMPLING = ["-q", "-e", "cpu-clock:u", "-F", String(FREQUENCY)];
const THREAD = "mbx-lcore";
/** Fewer say too little of a stage. */
const FEWEST_SAMPLES = 300;

export interface StageRound {
  readonly samples: number;
  readonly cyclesPerPacket: number;
  readonly cycles: ByPlace;
}

/** Why this machine cannot sample, if it cannot. */
export async function samplingLacks(): Promise<string | undefined> {
  const tried = ["record", ...SAMPLING, "-o", "/dev/null", "--", "true"];
  const ended = await runProgram("perf", tried).catch(() => undefined);
  if (ended === undefined) return "perf is not installed (Debian's package linux-perf)";
  return ended.code === 0
    ? undefined
    : "perf may not look at programs here (sysctl kernel.perf_event_paranoid=2 lets it)";
}

/** In one process: each start would read all symbols again. */
async function framesAt(file: string, addresses: readonly number[], folder: string) {
  const asked = join(folder, "addresses");
  writeFileSync(asked, [...new Set(addresses)].map((address) => `${address.toString(16)}\n`).join(""));
  const { stdout } = await runOrThrow("addr2line", ["-a", "-i", "-f", "-e", file, `@${asked}`]);
  return readFrames(stdout);
}

/** The frames of each sample, the innermost first; undefined outside of the chain's module. */
async function sampledFrames(
  data: string,
  folder: string,
): Promise<readonly (readonly Frame[] | undefined)[]> {
  const shown = ["--show-mmap-events", "-F", "comm,tid,event,ip"];
  const { stdout } = await runOrThrow("perf", ["script", "-i", data, ...shown]);
  const { mapping, samples } = readRecorded(stdout, THREAD, "chain.node");
  if (mapping === undefined) throw new BenchError("perf has not seen where the chain's module was loaded");
  const headers = await runOrThrow("readelf", ["-lW", mapping.path]);
  const segments = readSegments(headers.stdout);
  const at = samples.map((sample) => addressIn(sample, mapping, segments));
  const inside = at.flatMap((address) => (address === undefined ? [] : [address]));
  const frames = await framesAt(mapping.path, inside, folder);
  return at.map((address) => (address === undefined ? undefined : frames.get(address)));
}

function roundOf(
  { cycles = 0, packets }: Run,
  frames: readonly (readonly Frame[] | undefined)[],
): StageRound {
  const found = placesOf(frames);
  if (found.length < FEWEST_SAMPLES)
    throw new BenchError(
      `perf found the lcore ${found.length} times while packets came, too few: raise --packets`,
    );
  const cyclesPerPacket = cycles / packets;
  return { samples: found.length, cyclesPerPacket, cycles: cyclesByPlace(found, cyclesPerPacket) };
}

export async function recordRound(
  subject: ChainSubject,
  trace: Trace,
  laps: number,
  march: string,
): Promise<StageRound> {
  const folder = mkdtempSync(join(tmpdir(), "mbx-perf-"));
  try {
    const data = join(folder, "data");
    const under = ["perf", "record", ...SAMPLING, "-o", data, "--"];
    const run = await runChain(subject, trace, laps, { march, under });
    return roundOf(run, await sampledFrames(data, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
