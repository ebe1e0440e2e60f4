// A folder that all temporary files of a run go to, so that nothing of it stays, also
// when a test is killed: it goes with the runner, or when the next one starts.
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "mbx-tests-";

/** What cannot be removed stays: it may be somebody else's, or something may still write there. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // The next runner tries again.
  }
}

/** Removes the folders of runners that have ended. */
export function sweepScratch(place = tmpdir()): void {
  for (const name of readdirSync(place)) {
    const owner = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : "";
    if (/^\d+$/.test(owner) && !existsSync(`/proc/${owner}`)) remove(join(place, name));
  }
}

/** Makes the folder; programs that are started from now on find it as that for temporary files. */
export function openScratch(): void {
  const place = tmpdir();
  sweepScratch(place);
  const folder = join(place, `${PREFIX}${process.pid}`);
  mkdirSync(folder, { recursive: true });
  process.env.TMPDIR = folder;
  process.on("exit", () => remove(folder));
}
