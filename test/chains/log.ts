import { appendFileSync } from "node:fs";

/** The same log as of log.h: one line a call. */
export function logLine(line: string): void {
  appendFileSync(process.env.MBX_TEST_LOG ?? "", `${line}\n`);
}
