/** Makes folders that a person named, and says which cannot be made. */
import { mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { type Fault, fault, reasonOf } from "./fault.ts";

/**
 * Like `mkdir -p`. One by one: Node's `recursive` never returns where the
 * system says ENOENT of a folder whose parent is there, as it does in /proc.
 */
export function makeFolder(folder: string): void {
  for (const one of missingParts(path.resolve(folder))) {
    try {
      mkdirSync(one);
    } catch (error) {
      // Another process may just have made the same.
      if (codeOf(error) === "EEXIST" && isFolder(one)) continue;
      throw cannotMake(folder, one, error);
    }
  }
}

/** `folder` and those above it that are not there, the outermost first. */
function missingParts(folder: string): readonly string[] {
  const missing: string[] = [];
  for (let at = folder; !isFolder(at); at = path.dirname(at)) {
    missing.unshift(at);
    if (path.dirname(at) === at) break;
  }
  return missing;
}

function isFolder(name: string): boolean {
  try {
    return statSync(name).isDirectory();
  } catch {
    return false;
  }
}

function cannotMake(folder: string, part: string, error: unknown): Fault {
  const code = codeOf(error);
  const above = pathShown(path.dirname(part));
  if (code === "ENOENT") {
    return fault("MBX8022", { path: pathShown(folder), reason: `no folder can be made in \`${above}\`` });
  }
  const where = code === "EEXIST" || part === path.resolve(folder) ? "" : ` in \`${above}\``;
  const what = code === "EEXIST" ? `\`${pathShown(part)}\` is not a folder` : reasonOf(error);
  return fault("MBX8022", {
    path: pathShown(folder),
    reason: `the folder cannot be made${where}: ${what}`,
  });
}

/** The shorter of the two ways to write a path. */
export function pathShown(name: string): string {
  const relative = path.relative(process.cwd(), name) || ".";
  return relative.length > name.length || relative.startsWith("../../..") ? name : relative;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
