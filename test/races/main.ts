// npm run races
// Threads of the dataplane under the thread sanitizer: the tests that have some, and
// what two chains generate, with each function on another core, over made captures.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runProcess } from "../runner/process.ts";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { traffic } from "../support/invariance.ts";
import { writePcap } from "../support/made-capture.ts";
import { makeTempFolder } from "../support/temp.ts";

const CACHE = resolve(".cache/test/races");
const LIMIT = 600_000;
const BURSTS = [1, 32, 256];
const chains = {
  placed: ["first", "second", "beside", "third", "pen"],
  crossing: ["head", "a", "b", "c", "d", "e", "last"],
};

const env = { ...process.env, TSAN_OPTIONS: `suppressions=${resolve("test/races/dpdk.txt")} exitcode=66` };

async function must(command: readonly string[]): Promise<void> {
  const ran = await runProcess(command, LIMIT);
  if (ran.code !== 0) throw new Error(`${command.join(" ")}\n${ran.output}`);
}

async function compile(source: string, folder: string, more: readonly string[], targets: readonly string[]) {
  await must(["cmake", "-S", source, "-B", folder, "-G", "Ninja", "--log-level=WARNING", ...more]);
  await must(["ninja", "-C", folder, ...targets]);
}

/** Runs one; answers whether it is free of races, and prints what it is not. */
async function isFree(
  name: string,
  command: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<boolean> {
  const ran = await runProcess(command, LIMIT, { ...env, ...more });
  process.stdout.write(`${ran.code === 0 ? "free " : "RACES"} ${name}\n${ran.code === 0 ? "" : ran.output}`);
  return ran.code === 0;
}

async function tests(): Promise<boolean> {
  const folder = "test/dataplane";
  const names = readdirSync(folder)
    .filter((file) => file.endsWith("_test.c"))
    .filter((file) => /pthread|worker_threads|natives_open/.test(readFileSync(join(folder, file), "utf8")))
    .map((file) => file.slice(0, -2));
  await compile(folder, `${CACHE}/tests`, ["-DMBX_SANITIZE_THREADS=ON"], names);
  let free = true;
  for (const name of names) free = (await isFree(name, [`${CACHE}/tests/${name}`])) && free;
  return free;
}

const placeAll = (nfs: readonly string[]) => (source: string) =>
  source.replace(/^( {2}path .*)$/m, (path) =>
    [path, ...nfs.map((nf, i) => `  place ${nf} on ${i % 2}`)].join("\n"),
  );

async function replays(name: string, { folder }: BuiltChain): Promise<boolean> {
  const home = makeTempFolder("races");
  const [capture, log] = [join(home, "in.pcap"), join(home, "log")];
  writePcap(capture, traffic(1));
  await compile("test/races", `${CACHE}/${name}`, [`-DMBX_CHAIN=${folder}`], ["replay"]);
  let free = true;
  for (const burst of BURSTS)
    for (const how of ["", "stopped at once"]) {
      const command = [`${CACHE}/${name}/replay`, capture, String(burst), ...(how === "" ? [] : [how])];
      free = (await isFree(`${name}, burst ${burst} ${how}`, command, { MBX_TEST_LOG: log })) && free;
    }
  return free;
}

mkdirSync(CACHE, { recursive: true });
let free = await tests();
for (const [name, nfs] of Object.entries(chains))
  free = (await replays(name, await buildChain(name, [], [], placeAll(nfs)))) && free;
process.exitCode = free ? 0 : 1;
