/** Builds a chain of test/chains, and runs it over captures. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { StartOptions } from "../../runtime/control/dataplane.ts";
import type { Summary } from "../../runtime/control/summary.ts";
import { buildKept } from "./built.ts";
import { readPcap, type Timed, writePcap } from "./made-capture.ts";
import { mbx, readSummary } from "./mbx.ts";
import { runProgram } from "./program.ts";
import { makeTempFolder } from "./temp.ts";

export const CHAINS = fileURLToPath(new URL("../chains", import.meta.url));

export interface ChainOptions {
  readonly burst?: number;
  /** The capture is kept in memory and played so often. */
  readonly laps?: number;
  /** False: frames that leave are forgotten, and `out` of the run is empty. */
  readonly written?: boolean;
  readonly rings?: StartOptions["rings"];
  /** Milliseconds until it is killed. */
  readonly limit?: number;
  /** The only one that it may use. */
  readonly core?: number;
  /** For handlers, beside their log. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ChainRun {
  readonly code: number | null;
  readonly summary: Summary;
  /** What handlers logged with test/chains/log.h and log.ts, in order. */
  readonly log: readonly string[];
  /** Frames that left. */
  readonly out: readonly Timed[];
  readonly stderr: string;
}

export interface BuiltChain {
  /** Its build folder. */
  readonly folder: string;
  readonly run: (packets: readonly Timed[] | string, options?: ChainOptions) => Promise<ChainRun>;
}

const BUILD_LIMIT = 240_000;

/** What a build leaves beside the sources. */
const MADE = /^\.mbx$|\.gen\.\w+/;

/** A copy of a program's folder, with what handlers of test/chains include beside it. */
export function copyOf(source: string, place = makeTempFolder("copy")): string {
  const folder = join(place, basename(source));
  mkdirSync(folder, { recursive: true });
  // One by one: what is made comes and goes while another test builds there.
  for (const name of readdirSync(source).filter((one) => one !== "captures" && !MADE.test(one)))
    cpSync(join(source, name), join(folder, name), { recursive: true });
  for (const shared of ["log.h", "log.ts"]) cpSync(join(CHAINS, shared), join(place, shared));
  return folder;
}

/**
 * `name` is a folder of test/chains with a file of its name; `settings` as of `--set`;
 * `flags` more of `mbx build`; `edit` changes the source before it is built. As it
 * stands, a chain is built once for all tests.
 */
export async function buildChain(
  name: string,
  settings: readonly string[] = [],
  flags: readonly string[] = [],
  edit?: (source: string) => string,
): Promise<BuiltChain> {
  const place = makeTempFolder(`chain-${name}`);
  const folder =
    settings.length + flags.length === 0 && edit === undefined
      ? await buildKept(join(CHAINS, name, `${name}.mbx`))
      : await buildCopy(copyOf(join(CHAINS, name), place), name, settings, flags, edit);
  return { folder, run: (packets, options) => runBuilt(folder, place, packets, options ?? {}) };
}

async function buildCopy(
  source: string,
  name: string,
  settings: readonly string[],
  flags: readonly string[],
  edit: (source: string) => string = (text) => text,
): Promise<string> {
  const folder = join(source, "built");
  const file = join(source, `${name}.mbx`);
  writeFileSync(file, edit(readFileSync(file, "utf8")));
  const sets = settings.flatMap((setting) => ["--set", setting]);
  const built = await mbx(["build", file, "-o", folder, ...sets, ...flags], { limit: BUILD_LIMIT });
  if (built.code !== 0) throw new Error(`${name} does not build:\n${built.stderr}`);
  return folder;
}

const START = `const program = await import(process.argv[1]);
process.exitCode = (await program.run(JSON.parse(process.argv[2]))).exitCode;`;

async function runBuilt(
  folder: string,
  place: string,
  packets: readonly Timed[] | string,
  { burst = 32, laps, written = true, rings, limit = 60_000, core, env }: ChainOptions,
): Promise<ChainRun> {
  const [capture, out, log] = ["in.pcap", "out.pcap", "log"].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  if (typeof packets !== "string") writePcap(capture, packets);
  for (const old of [out, log]) rmSync(old, { force: true });
  const options = {
    capture: typeof packets === "string" ? packets : capture,
    ...(written ? { out } : {}),
    ports: [],
    burst,
    speed: "max",
    poll: "adaptive",
    json: true,
    verbose: false,
    ...(laps === undefined ? {} : { laps }),
    ...(rings === undefined ? {} : { rings }),
  };
  const main = pathToFileURL(join(folder, "main.mjs")).href;
  const ran = await runProgram(
    [
      ...(core === undefined ? [] : ["taskset", "-c", String(core)]),
      ...[process.execPath, "--input-type=module", "-e", START, main, JSON.stringify(options)],
    ],
    { env: { ...env, MBX_TEST_LOG: log }, limit },
  );
  if (ran.code !== 0) throw new Error(`it ended with ${ran.code ?? ran.signal}:\n${ran.stderr}`);
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : [];
  // A tap forwards nothing, and writes no capture.
  const sent = existsSync(out) ? readPcap(out) : [];
  return { code: ran.code, summary: readSummary(ran), log: lines, out: sent, stderr: ran.stderr };
}
