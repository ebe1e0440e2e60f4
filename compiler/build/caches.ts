/**
 * Where the compiled dataplane may lie. The clone's cache is first, but the
 * clone may be another user's, or on a disk that is read-only: what is there
 * is used, and what is not goes to the user's own cache or beside the program.
 */
import { accessSync, constants, existsSync, utimesSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { makeFolder } from "./folders.ts";
import { places } from "./places.ts";

/** Made last: a folder without it is a build that did not finish. */
export const FINISHED = "finished";

type Environment = Readonly<Record<string, string | undefined>>;

/** In the order in which they are tried; `folder` is the program's. */
export function cachesFor(folder: string, env: Environment = process.env): readonly string[] {
  return [places.cache, ...userCache(env), path.join(folder, "cache")];
}

/** The XDG base directory specification: a relative path is to be ignored. */
function userCache(env: Environment): readonly string[] {
  const given = env.XDG_CACHE_HOME ?? "";
  if (path.isAbsolute(given)) return [path.join(given, "microboxes")];
  try {
    const home = homedir();
    return path.isAbsolute(home) ? [path.join(home, ".cache/microboxes")] : [];
  } catch {
    // A user that the system does not know has no home.
    return [];
  }
}

/** The finished library `name` of the first cache that has it; else where to make it. */
export function placeInCaches(
  name: string,
  caches: readonly string[],
): { readonly folder: string; readonly finished: boolean } {
  const found = caches.map((cache) => path.join(cache, name)).find(isFinished);
  if (found !== undefined) return { folder: found, finished: true };
  const cache = caches.find(isWritable) ?? caches.at(-1) ?? places.cache;
  return { folder: path.join(cache, name), finished: false };
}

/** Marks it as used now, which saves it from being removed; where it is another user's, that one's use counts. */
export function isFinished(folder: string): boolean {
  const mark = path.join(folder, FINISHED);
  if (!existsSync(mark)) return false;
  const now = new Date();
  try {
    utimesSync(mark, now, now);
  } catch {
    // Only the owner may do that.
  }
  return true;
}

function isWritable(cache: string): boolean {
  try {
    makeFolder(cache);
    accessSync(cache, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
