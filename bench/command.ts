/** How the commands of the bench end. */
import { BenchError } from "./process.ts";

/** Wrong use of a command. */
export class UsageError extends Error {}

/** Sets the exit code: 1 where the bench cannot go on, 2 after wrong use; another error is a bug. */
export async function runCommand(usage: string, work: () => Promise<void> | void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`error: ${error.message}\n\n${usage}`);
      process.exitCode = 2;
    } else if (error instanceof BenchError) {
      process.stderr.write(`error: ${error.message}\n`);
      process.exitCode = 1;
    } else throw error;
  }
}
