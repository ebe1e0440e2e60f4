/** Runs one attack on a built program: the whole of it, Node, workers and dataplane. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Summary } from "../../runtime/control/summary.ts";
import { mbx, ROOT, readSummary } from "../support/mbx.ts";
import { startProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";
import { Tape } from "./traffic/tape.ts";

export interface Attack {
  readonly name: string;
  readonly says: string;
  /** File in chains/ without its suffix. */
  readonly chain: string;
  /** Options of the chain's stack. */
  readonly settings: Readonly<Record<string, string>>;
  readonly burst?: number;
  /** Nanoseconds of the capture between frames. */
  readonly gap: number;
  readonly traffic: (tape: Tape) => Generator<void>;
  /** Honest connections amid the attack. */
  readonly witnesses: number;
  /** Counters and events, of which each has to show that what the attack is for was reached. */
  readonly met: readonly string[];
  /** Causes for which packets may be dropped; none unless given. */
  readonly drops?: readonly string[];
  /** Milliseconds until it is given up. */
  readonly limit: number;
}

export interface Outcome {
  readonly attack: Attack;
  readonly code: number | null;
  readonly packets: number;
  readonly summary: Summary;
  /** Largest resident size that was seen from outside; bytes. */
  readonly seen: number;
  readonly stderr: string;
}

const BUILD_LIMIT = 600_000;
const SAMPLE_MS = 100;
const CHAINS = fileURLToPath(new URL("chains", import.meta.url));

const START = `const program = await import(process.argv[1]);
process.exitCode = (await program.run(JSON.parse(process.argv[2]))).exitCode;`;

/** Chains with the same settings share a folder. */
export async function buildFor({ chain, settings }: Pick<Attack, "chain" | "settings">): Promise<string> {
  const pairs = Object.entries(settings).map(([option, value]) => `${option}=${value}`);
  const folder = join(ROOT, ".cache", "attack", [chain, ...pairs].join("-"));
  const set = pairs.flatMap((pair) => ["--set", `wire.${pair}`]);
  const built = await mbx(["build", join(CHAINS, `${chain}.mbx`), "-o", folder, ...set], {
    limit: BUILD_LIMIT,
  });
  if (built.code !== 0) throw new Error(`${chain} does not build:\n${built.stderr}`);
  return folder;
}

/** Only what was never paged in is missing here: it is what the kernel counts. */
function residentOf(pid: number): number {
  try {
    const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it has ended
  }
}

async function makePipe(path: string): Promise<void> {
  const code = await new Promise<number | null>((resolve, reject) => {
    spawn("mkfifo", [path], { stdio: "inherit" }).on("error", reject).on("close", resolve);
  });
  if (code !== 0) throw new Error(`mkfifo ${path} failed`);
}

/** Writes the attack as fast as it is taken. A program that ends before takes no more: its summary says why. */
async function feed(path: string, { gap, traffic }: Attack, ended: Promise<unknown>): Promise<number> {
  const tape = new Tape(gap);
  const pipe = await Promise.race([open(path, "w"), ended.then(() => undefined)]);
  if (pipe === undefined) return 0;
  try {
    for (const _ of traffic(tape)) if (tape.full) await writeWhole(pipe, tape.take());
    await writeWhole(pipe, tape.take());
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  } finally {
    await pipe.close();
  }
  return tape.packets;
}

type Pipe = Awaited<ReturnType<typeof open>>;

async function writeWhole(pipe: Pipe, bytes: Buffer): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += (await pipe.write(bytes, done)).bytesWritten;
}

export async function run(attack: Attack): Promise<Outcome> {
  const folder = await buildFor(attack);
  const place = makeTempFolder("attack");
  mkdirSync(place, { recursive: true });
  const capture = join(place, "attack.pcap");
  await makePipe(capture);
  const options = {
    capture,
    ports: [],
    burst: attack.burst ?? 32,
    speed: "max",
    poll: "adaptive",
    json: true,
    verbose: true,
  };
  const main = pathToFileURL(join(folder, "main.mjs")).href;
  const running = startProgram(
    [process.execPath, "--input-type=module", "-e", START, main, JSON.stringify(options)],
    { limit: attack.limit },
  );
  let seen = 0;
  const sampler = setInterval(() => {
    // What its start needed for a moment is not the attack's.
    if (running.stderr().includes("running:")) seen = Math.max(seen, residentOf(running.pid));
  }, SAMPLE_MS);
  try {
    const packets = await feed(capture, attack, running.ended);
    const ran = await running.ended;
    return { attack, code: ran.code, packets, summary: readSummary(ran), seen, stderr: ran.stderr };
  } finally {
    clearInterval(sampler);
    rmSync(place, { recursive: true, force: true });
  }
}
