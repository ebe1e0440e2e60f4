import type { Test } from "uvu";

/**
 * Declares a test that runs only where the machine allows it. `reason` says why
 * it does not; `undefined` runs it. The runner counts the printed line.
 */
export function testUnless<T>(
  test: Test<T>,
  reason: string | undefined,
  name: string,
  run: (context: T) => void | Promise<void>,
): void {
  if (reason === undefined) {
    test(name, run);
    return;
  }
  test.skip(name, run);
  reportSkip(name, reason);
}

/**
 * For a test that finds out while it runs that it cannot: call this and return.
 * Neither name nor reason may span lines.
 */
export function reportSkip(name: string, reason: string): void {
  process.stdout.write(`\n# skip ${name.replaceAll(": ", " ")}: ${reason}\n`);
}

/** For `testUnless`: the reason where a tool or a file is not on this machine. */
export function firstReason(...reasons: readonly (string | undefined)[]): string | undefined {
  return reasons.find((reason) => reason !== undefined);
}
