/**
 * Puts emitted text on disk. A file is written only when its bytes change, so
 * that nothing is compiled again for nothing; stubs never replace what is there.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { EmittedFile } from "../emit/files.ts";
import { Fault, fault, reasonOf } from "./fault.ts";
import { makeFolder, pathShown } from "./folders.ts";

export interface Written {
  /** Absolute paths of files whose bytes changed, stubs not included. */
  readonly changed: readonly string[];
  /** Handlers that did not exist and are now stubs to fill in. */
  readonly stubs: readonly string[];
  /** Generated files of an earlier build that nothing emits any more. */
  readonly removed: readonly string[];
}

/** The part of a build folder that holds generated sources and nothing else. */
const GENERATED = "gen";

export function writeEmitted(files: readonly EmittedFile[], folder: string): Written {
  const changed: string[] = [];
  const stubs: string[] = [];
  const kept = new Set<string>();
  for (const file of files) {
    const target = file.kind === "build" ? path.join(folder, file.path) : file.path;
    if (file.kind === "stub") {
      if (writeNew(target, file.text)) stubs.push(target);
      continue;
    }
    kept.add(target);
    if (writeChanged(target, file.text)) changed.push(target);
  }
  return { changed, stubs, removed: removeOthers(path.join(folder, GENERATED), kept) };
}

/** Writes when the bytes differ; returns whether it did. Readers never see half a file. */
export function writeChanged(target: string, bytes: string | Uint8Array): boolean {
  if (holds(target, bytes)) return false;
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    makeFolder(path.dirname(target));
    writeFileSync(temporary, bytes);
    renameSync(temporary, target);
  } catch (error) {
    discard(temporary);
    throw cannotWrite(target, error);
  }
  return true;
}

function discard(temporary: string): void {
  try {
    rmSync(temporary, { force: true });
  } catch {
    // Its folder is none: that is the fault that is reported.
  }
}

function holds(target: string, bytes: string | Uint8Array): boolean {
  const wanted = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  try {
    return statSync(target).size === wanted.byteLength && readFileSync(target).equals(wanted);
  } catch {
    return false;
  }
}

/** Writes where there is nothing yet; returns whether it did. */
export function writeNew(target: string, text: string): boolean {
  try {
    makeFolder(path.dirname(target));
    writeFileSync(target, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw cannotWrite(target, error);
  }
}

function removeOthers(folder: string, kept: ReadonlySet<string>): readonly string[] {
  const removed: string[] = [];
  for (const entry of entriesOf(folder)) {
    const target = path.join(folder, entry.name);
    if (entry.isDirectory()) removed.push(...removeOthers(target, kept));
    else if (!kept.has(target)) {
      rmSync(target, { force: true });
      removed.push(target);
    }
  }
  return removed;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function cannotWrite(target: string, error: unknown): Fault {
  if (error instanceof Fault) return error;
  return fault("MBX8022", { path: pathShown(target), reason: reasonOf(error) });
}
