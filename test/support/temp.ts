import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];
process.on("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Makes a folder that goes away with this process. */
export function makeTempFolder(label: string): string {
  const folder = mkdtempSync(join(tmpdir(), `mbx-${label}-`));
  folders.push(folder);
  return folder;
}
