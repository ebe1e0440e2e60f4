import { logLine } from "../log.js";

interface Bytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export const textOf = (m: Bytes): string => Buffer.from(m.bytes.subarray(m.start, m.end)).toString("latin1");

/** So slow that much lies in the ring when it turns away. */
export function work(): void {
  const end = performance.now() + 0.1;
  while (performance.now() < end);
}

export function say(name: string, m: { readonly flowClientPort: number }, what: string): void {
  logLine(`${name} ${m.flowClientPort} ${what}`);
}
