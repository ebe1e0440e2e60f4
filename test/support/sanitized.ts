/** The dataplane under ASan and UBSan, compiled once for all programs that tests link it to. */
import { join } from "node:path";
import { withLock } from "../../compiler/build/lock.ts";
import { ROOT } from "./mbx.ts";
import { runProgram } from "./program.ts";

const FOLDER = join(ROOT, ".cache/test/sanitized");
const LIMIT = 600_000;

/** For `cmake`, so that a list links the one that is there. */
export const WITH_SANITIZED = `-DMBX_SANITIZED=${FOLDER}`;

/** Throws with what the tools said where it cannot be compiled. */
export async function buildSanitized(): Promise<void> {
  await withLock(FOLDER, LIMIT, async () => {
    for (const command of [
      ["cmake", "-S", "test/sanitized", "-B", FOLDER, "-G", "Ninja", "--log-level=WARNING"],
      ["ninja", "-C", FOLDER, "-j", "2"],
    ]) {
      const { code, stdout, stderr } = await runProgram(command, { cwd: ROOT, limit: LIMIT });
      if (code !== 0) throw new Error(`${command.join(" ")}\n${stdout}${stderr}`);
    }
  });
}
