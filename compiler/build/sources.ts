/** Reads source files once, and tells how a path is shown to a person. */
import { accessSync, constants, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Host } from "../bind/host.ts";

export interface Sources extends Host {
  /** Text of any file that a diagnostic points into: source or handler. */
  readonly text: (file: string) => string | undefined;
  /** Relative to the working folder where the file is below or near it. */
  readonly shown: (file: string) => string;
}

export function createSources(cwd: string): Sources {
  const read = new Map<string, string | undefined>();
  const text = (file: string): string | undefined => {
    const full = path.resolve(cwd, file);
    if (!read.has(full)) read.set(full, readText(full));
    return read.get(full);
  };
  return {
    text,
    readFile: text,
    fileExists: (file) => isFile(path.resolve(cwd, file)),
    isUnreadable: (file) => isUnreadable(path.resolve(cwd, file)),
    filesIn: (folder) => namesIn(path.resolve(cwd, folder)),
    shown: (file) => shownFrom(cwd, path.resolve(cwd, file)),
  };
}

/** Two folders up is still near; farther, an absolute path reads better. */
export function shownFrom(cwd: string, file: string): string {
  const relative = path.relative(cwd, file);
  return relative.startsWith("../../../") ? file : relative || ".";
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** A folder, a link to nothing, a file of somebody else's. */
function isUnreadable(file: string): boolean {
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return false;
  try {
    accessSync(file, constants.R_OK);
    return !isFile(file);
  } catch {
    return true;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
