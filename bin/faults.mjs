// Says where a fault is in the sources, not in their bundle.
import { readFileSync } from "node:fs";
import { findSourceMap, SourceMap } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/** From now on; the map of `bundle`, a path, is read when the first fault is shown. */
export function placeFaults(bundle) {
  let ofBundle;
  const mapOf = (file) => {
    if (file !== bundle) return findSourceMap(file);
    ofBundle ??= new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, "utf8")));
    return ofBundle;
  };
  Error.prepareStackTrace = (error, sites) =>
    [Error.prototype.toString.call(error), ...sites.map((site) => `    at ${shown(site, mapOf)}`)].join("\n");
}

function shown(site, mapOf) {
  const text = String(site);
  const [file, line, column] = [site.getFileName(), site.getLineNumber(), site.getColumnNumber()];
  try {
    const { originalSource, originalLine, originalColumn } =
      mapOf(file)?.findEntry(line - 1, column - 1) ?? {};
    if (originalSource === undefined) return text;
    const source = fileURLToPath(new URL(originalSource, pathToFileURL(file)));
    return text.replace(`${file}:${line}:${column}`, `${source}:${originalLine + 1}:${originalColumn + 1}`);
  } catch {
    return text; // a map that cannot be read must not hide the fault
  }
}
