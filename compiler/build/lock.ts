/**
 * Builds into one folder take turns. The lock is a folder, because making one
 * is atomic everywhere; it names its owner, so that a build that was killed
 * keeps nobody waiting.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fault, reasonOf } from "./fault.ts";
import { makeFolder, pathShown } from "./folders.ts";
import { stopSignal } from "./stop.ts";

/** The longest build there is, and then some. */
const PATIENCE_MS = 180_000;
const POLL_MS = 50;
/** A lock without an owner's name: it was made this moment, or its maker died at once. */
const NAMELESS_MS = 5_000;

interface Owner {
  readonly pid: number;
  /** Start of the process in clock ticks after boot: tells a reused pid. */
  readonly started: string;
}

export async function withLock<T>(folder: string, patience: number, work: () => Promise<T>): Promise<T> {
  const lock = `${folder}.lock`;
  await take(lock, folder, patience);
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

export function withBuildLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  return withLock(folder, PATIENCE_MS, work);
}

async function take(lock: string, folder: string, patience: number): Promise<void> {
  const until = Date.now() + patience;
  // A person who wrote `-o` reads of that folder, not of a lock beside it.
  makeFolder(folder);
  while (!make(lock, folder)) {
    if (isStale(lock)) {
      rmSync(lock, { recursive: true, force: true });
      continue;
    }
    if (Date.now() >= until) {
      throw fault(
        "MBX8024",
        { folder: pathShown(folder), pid: ownerOf(lock)?.pid ?? 0 },
        "wait for it, or build into another folder with `-o`",
      );
    }
    await sleep(POLL_MS, undefined, { signal: stopSignal() });
  }
}

function make(lock: string, folder: string): boolean {
  try {
    mkdirSync(lock);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    const reason = `no lock can be made beside it: ${reasonOf(error)}`;
    throw fault("MBX8022", { path: pathShown(folder), reason });
  }
  writeFileSync(path.join(lock, "owner"), `${process.pid} ${startOf(process.pid) ?? ""}`);
  return true;
}

function isStale(lock: string): boolean {
  const owner = ownerOf(lock);
  if (owner !== undefined) return startOf(owner.pid) !== owner.started;
  try {
    return Date.now() - statSync(lock).mtimeMs > NAMELESS_MS;
  } catch {
    return false;
  }
}

function ownerOf(lock: string): Owner | undefined {
  try {
    const [pid, started] = readFileSync(path.join(lock, "owner"), "utf8").split(" ");
    return pid === undefined || pid === "" || started === undefined
      ? undefined
      : { pid: Number(pid), started };
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat; the name before it may hold blanks and brackets. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
