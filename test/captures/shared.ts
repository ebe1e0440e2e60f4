/** The captures beside the repository, where they are there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/mbx.ts";

const FOLDER = join(ROOT, "../shared/captures");

/** Why tests that need them are skipped; undefined where they are there. */
export const withoutCaptures: string | undefined = existsSync(FOLDER)
  ? undefined
  : "the captures in ../shared are not here";

/** Every capture as `folder/file`, sorted. */
export function captures(): readonly string[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((folder) =>
      readdirSync(join(FOLDER, folder))
        .filter((file) => /\.pcap(ng)?$/.test(file))
        .sort()
        .map((file) => `${folder}/${file}`),
    );
}

export function capturePath(capture: string): string {
  return join(FOLDER, capture);
}

/** Rows of a table with a header line, by column. */
export function readTable(text: string): readonly Readonly<Record<string, string>>[] {
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const names = header.split("\t");
  return lines.map((line) => {
    const cells = line.split("\t");
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""]));
  });
}

export function sharedTable(path: string): readonly Readonly<Record<string, string>>[] {
  return readTable(readFileSync(join(FOLDER, path), "utf8"));
}
