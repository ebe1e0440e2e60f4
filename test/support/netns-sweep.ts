// Network namespaces of tests carry the process id of their owner in their
// name, so whoever comes next can tell what a killed run left behind.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

/** Where iproute2 keeps the names of namespaces. */
const NAMES = "/run/netns";

export const namespacePrefix = (pid: number) => `mbx-${pid}-`;

function ownerOf(name: string): number | undefined {
  const pid = /^mbx-(\d+)-/.exec(name)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function quietly(command: string, ...args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return "";
  }
}

/** Ends the programs in a namespace and deletes it, with the interfaces in it. */
export function deleteNamespace(name: string): void {
  for (const pid of quietly("ip", "netns", "pids", name).split("\n")) {
    if (pid === "") continue;
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  quietly("ip", "netns", "delete", name);
}

export function namespacesOf(pid: number): readonly string[] {
  if (!existsSync(NAMES)) return [];
  return readdirSync(NAMES).filter((name) => ownerOf(name) === pid);
}

/** Deletes the namespaces whose owner has ended. */
export function sweepNamespaces(): void {
  if (!existsSync(NAMES)) return;
  for (const name of readdirSync(NAMES)) {
    const owner = ownerOf(name);
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) deleteNamespace(name);
  }
}
