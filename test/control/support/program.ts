/**
 * Built programs for tests of the control: handlers written by the test, real
 * workers and rings, and instead of a dataplane a thread that sends numbered
 * events (loop.c, loop_addon.c).
 */
import { execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type { ProgramDescription } from "../../../runtime/control/dataplane.ts";
import type { Manifest } from "../../../runtime/control/manifest.ts";
import { defaultRunOptions, type RunOptions } from "../../../runtime/control/options.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const cache = join(root, ".cache/test/control");

const folders = new Set<string>();
process.on("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export interface TestNf {
  readonly name: string;
  readonly subscriptions?: readonly string[];
  /** TypeScript that default-exports an `NfModule` with the layout "1". */
  readonly source: string;
}

export interface LoopSettings {
  readonly events?: number;
  readonly kinds?: number;
  readonly slots?: number;
  readonly eventSlots?: number;
  readonly answerSlots?: number;
  readonly spillSlots?: number;
  /** First index of the rings. */
  readonly start?: number;
  readonly paceNs?: number;
  readonly live?: boolean;
  readonly fails?: boolean;
  /** The first call behind the start throws. */
  readonly failsBehind?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both: with `--json` handlers print to stderr. */
  readonly printed: string;
  readonly milliseconds: number;
}

/**
 * An NF whose `create` has this body; `host` is in scope. It returns a runtime that has,
 * instead of the loop that a stub has, `handle`: a function for each subscription.
 */
export function nfSource(body: string, before = ""): string {
  return `${before}
const make = (host) => {
${body}
};
${RUN_HANDLERS}
export default {
  nf: "test", layout: "1",
  create(host) {
    const { handle, ...runtime } = make(host);
    return { ...runtime, kinds: handle.length, run: runHandlers(host, handle) };
  },
};
`;
}

/** What a generated stub does, over functions in an array. */
export const RUN_HANDLERS = `function runHandlers({ events, cursor, status, other }, handle) {
  const mask = events.u32[2] - 1;
  return (from, head, limit) => {
    let tail = from;
    let left = limit;
    for (; tail !== head && left > 0; left--) {
      const base = 512 + ((tail & mask) << 6);
      const kind = events.u16[base >> 1];
      const slots = events.u8[base + 2];
      if (slots === 0) {
        tail = head;
        left--;
        break;
      }
      status[1] = tail;
      status[2] = kind;
      cursor.base = base;
      if (kind < handle.length) handle[kind](base);
      else other(kind, base);
      tail = (tail + slots) | 0;
    }
    cursor.handled = limit - left;
    return tail;
  };
}`;

/** Writes and bundles a program; answers its folder. */
export function buildTestProgram(name: string, nfs: readonly TestNf[]): string {
  const folder = join(cache, `${name}-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  folders.add(folder);
  for (const nf of nfs) writeFileSync(join(folder, `${nf.name}.ts`), nf.source);
  const bundle = (from: string, to: string) =>
    buildSync({
      entryPoints: [from],
      outfile: join(folder, to),
      bundle: true,
      platform: "node",
      format: "esm",
      sourcemap: "inline",
      logLevel: "warning",
    });
  bundle(join(root, "runtime/control/main.ts"), "main.mjs");
  bundle(join(root, "runtime/control/worker.ts"), "worker.mjs");
  for (const nf of nfs) bundle(join(folder, `${nf.name}.ts`), `nf-${nf.name}.mjs`);
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(testManifest(name, nfs)));
  copyFileSync(buildLoop(), join(folder, "chain.node"));
  return folder;
}

function testManifest(name: string, nfs: readonly TestNf[]): Manifest {
  return {
    version: 1,
    program: name,
    source: `${name}.mbx`,
    ports: [],
    chains: [
      {
        name: "chain",
        stack: "stack",
        nfs: nfs.map((nf, outlet) => ({
          language: "ts",
          name: nf.name,
          subscriptions: nf.subscriptions ?? ["EVENT"],
          outlet,
          module: `nf-${nf.name}.mjs`,
          layout: "1",
          handler: `${nf.name}.ts`,
        })),
      },
    ],
  };
}

export interface StartedProgram {
  readonly ended: Promise<Ended>;
  readonly signal: (name: NodeJS.Signals) => void;
  /** As `| head` does when it has enough. */
  readonly stopReading: () => void;
  /** Resolves when stderr or stdout has the text. */
  readonly says: (text: string) => Promise<void>;
}

export function startProgram(
  folder: string,
  name: string,
  nfs: readonly TestNf[],
  settings: LoopSettings = {},
  options: Partial<RunOptions> = {},
  nodeFlags: readonly string[] = [],
  { stdout: file }: { readonly stdout?: string } = {},
): StartedProgram {
  const script = `
    const { run } = await import(${JSON.stringify(join(folder, "main.mjs"))});
    process.exitCode = (await run(JSON.parse(process.argv[1]))).exitCode;`;
  const given: RunOptions = { ...defaultRunOptions, capture: "numbers", json: true, ...options };
  const begin = performance.now();
  const output = file === undefined ? "pipe" : openSync(file, "w");
  const child = spawn(
    process.execPath,
    [...nodeFlags, "--input-type=module", "-e", script, JSON.stringify(given)],
    {
      cwd: folder,
      env: { ...process.env, ...loopEnvironment(name, nfs, settings) },
      stdio: ["ignore", output, "pipe"],
    },
  );
  if (typeof output === "number") closeSync(output);
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const listener of listeners) listener();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const listener of listeners) listener();
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const ended = new Promise<Ended>((done) => {
    child.on("close", (code) => {
      clearTimeout(limit);
      done({ code, stdout, stderr, printed: stdout + stderr, milliseconds: performance.now() - begin });
    });
  });
  const says = (text: string) =>
    new Promise<void>((done) => {
      const listener = () => {
        if (!`${stderr}${stdout}`.includes(text)) return;
        listeners.delete(listener);
        done();
      };
      listeners.add(listener);
      listener();
    });
  return {
    ended,
    signal: (signalName) => child.kill(signalName),
    stopReading: () => child.stdout?.destroy(),
    says,
  };
}

/** Builds, runs to the end, and returns what came out. */
export function runProgram(
  name: string,
  nfs: readonly TestNf[],
  settings: LoopSettings = {},
  options: Partial<RunOptions> = {},
  nodeFlags: readonly string[] = [],
): Promise<Ended> {
  return startProgram(buildTestProgram(name, nfs), name, nfs, settings, options, nodeFlags).ended;
}

function loopEnvironment(
  name: string,
  nfs: readonly TestNf[],
  settings: LoopSettings,
): Record<string, string> {
  const description: ProgramDescription = {
    program: name,
    ports: [],
    instances: 1,
    natives: 0,
    counters: [{ name: "packets.in", doc: "events sent" }],
    chains: [
      {
        name: "chain",
        stack: "stack",
        flows: 64,
        outlets: nfs.length,
        nfs: nfs.map((nf, outlet) => ({ name: nf.name, outlet, place: outlet })),
        events: [],
      },
    ],
  };
  const values: Readonly<Record<string, number | undefined>> = {
    LOOP_OUTLETS: nfs.length,
    LOOP_EVENTS: settings.events,
    LOOP_KINDS: settings.kinds,
    LOOP_SLOTS: settings.slots,
    LOOP_EVENT_SLOTS: settings.eventSlots,
    LOOP_ANSWER_SLOTS: settings.answerSlots,
    LOOP_SPILL_SLOTS: settings.spillSlots,
    LOOP_START: settings.start,
    LOOP_PACE_NS: settings.paceNs,
    LOOP_LIVE: settings.live === true ? 1 : undefined,
    LOOP_FAILS: settings.fails === true ? 1 : undefined,
    LOOP_FAILS_BEHIND: settings.failsBehind === true ? 1 : undefined,
  };
  const given = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  return { ...Object.fromEntries(given), LOOP_DESCRIPTION: JSON.stringify(description) };
}

/** Compiles the addon once for all tests. */
function buildLoop(): string {
  const sources = [
    "test/control/support/loop.c",
    "test/control/support/loop_addon.c",
    "runtime/dataplane/ring/ring.c",
    "runtime/dataplane/ring/outlet.c",
    "runtime/dataplane/memory/chunk.c",
  ].map((file) => join(root, file));
  const addon = join(cache, "loop.node");
  const headers = [
    "runtime/dataplane/ring/ring.h",
    "runtime/dataplane/ring/outlet.h",
    "test/control/support/loop.h",
  ].map((file) => join(root, file));
  const newest = Math.max(...[...sources, ...headers].map((file) => statSync(file).mtimeMs));
  if (existsSync(addon) && statSync(addon).mtimeMs > newest) return addon;
  mkdirSync(cache, { recursive: true });
  const dpdk = (what: string) =>
    execFileSync("pkg-config", [what, "libdpdk"], { encoding: "utf8" }).trim().split(/\s+/);
  const unfinished = `${addon}.${process.pid}`;
  execFileSync("cc", [
    ...["-shared", "-fPIC", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-march=x86-64-v2"],
    ...dpdk("--cflags").filter((flag) => !flag.startsWith("-march")),
    ...["-I", join(root, "runtime/dataplane"), "-I", join(root, "node_modules/node-api-headers/include")],
    ...sources,
    ...["-o", unfinished, "-Wl,--as-needed"],
    ...dpdk("--libs"),
  ]);
  renameSync(unfinished, addon);
  return addon;
}

/** The object that `--json` prints last. */
export function summaryOf(ended: Ended): {
  readonly nfs: Readonly<Record<string, Readonly<Record<string, number>> | undefined>>;
  readonly packets: { readonly in: number };
} {
  return JSON.parse(ended.stdout.trim().split("\n").at(-1) ?? "");
}
