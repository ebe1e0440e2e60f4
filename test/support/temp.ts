import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes a folder that goes away with this process. */
export function makeTempFolder(label: string): string {
  const folder = mkdtempSync(join(tmpdir(), `mbx-${label}-`));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
