/** Loads a built program: its manifest and its addon, and holds them together. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Dataplane } from "./dataplane.ts";
import { type RunCode, runCodes } from "./errors.ts";
import type { Manifest } from "./manifest.ts";

export interface Program {
  readonly manifest: Manifest;
  readonly dataplane: Dataplane;
  /** File of the addon: workers load it again, each for itself. */
  readonly addon: string;
  /** URL of the folder, with a slash at its end. */
  readonly folder: URL;
}

/** Why a program cannot be started. */
export class StartError extends Error {
  readonly code: RunCode;

  constructor(code: RunCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** `folder`: where the built program lies, with a slash at its end. */
export function boot(folder: URL): Program {
  const manifest = readManifest(new URL("manifest.json", folder));
  const addon = fileURLToPath(new URL("chain.node", folder));
  const dataplane = loadAddon(addon);
  checkProgram(manifest, dataplane);
  return { manifest, dataplane, addon, folder };
}

function readManifest(file: URL): Manifest {
  try {
    const manifest: Manifest = JSON.parse(readFileSync(file, "utf8"));
    if (manifest.version !== 1) throw new Error(`version ${String(manifest.version)}`);
    return manifest;
  } catch (error) {
    throw incomplete("manifest.json", error);
  }
}

function loadAddon(file: string): Dataplane {
  try {
    return createRequire(import.meta.url)(file);
  } catch (error) {
    throw incomplete("chain.node", error);
  }
}

function incomplete(file: string, error: unknown): StartError {
  const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  return new StartError(
    runCodes.programIncomplete,
    `the built program's \`${file}\` cannot be loaded: ${reason}`,
  );
}

/** Both are of one build: the chains and functions agree, by name and number. */
function checkProgram(manifest: Manifest, dataplane: Dataplane): void {
  const description = dataplane.describe();
  const ours = manifest.chains.map(
    (chain) => `${chain.name}: ${chain.nfs.map(({ name }) => name).join(" ")}`,
  );
  const theirs = description.chains.map(
    (chain) => `${chain.name}: ${chain.nfs.map(({ name }) => name).join(" ")}`,
  );
  if (description.program === manifest.program && ours.join("\n") === theirs.join("\n")) return;
  throw new StartError(
    runCodes.programMismatch,
    `\`chain.node\` is of another build than \`manifest.json\` of \`${manifest.program}\``,
  );
}
