/** Whether a peer can have its packets in hugepages, as our chains do where there are enough. */
import { readFileSync } from "node:fs";

function kilobytes(meminfo: string, name: string): number {
  const found = new RegExp(`^${name}: +(\\d+)`, "m").exec(meminfo);
  return Number(found?.[1] ?? 0);
}

/** Bytes of hugepages that nobody uses. */
export function hugepagesFree(meminfo = readFileSync("/proc/meminfo", "utf8")): number {
  return kilobytes(meminfo, "HugePages_Free") * kilobytes(meminfo, "Hugepagesize") * 1024;
}
