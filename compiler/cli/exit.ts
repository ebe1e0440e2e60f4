import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/**
 * Exit codes: scripts rely on them, so there are four and they never change. A
 * command that a signal ends has 128 and its number, as in a shell: 130 after Ctrl-C.
 */
export const FINE = 0;
/** Diagnostics: something is wrong with the source, the handlers or the machine. */
export const PROBLEMS = 1;
/** The command line itself is wrong. */
export const USAGE = 2;
/** A bug in the compiler (sysexits.h: EX_SOFTWARE). */
export const INTERNAL = 70;

/** Of a command that found errors: those of generated code are ours. */
export function failureOf(diagnostics: readonly Diagnostic[]): number {
  const errors = diagnostics.filter((one) => one.severity === "error");
  return errors.some((one) => one.code.startsWith("MBX9")) ? INTERNAL : PROBLEMS;
}
