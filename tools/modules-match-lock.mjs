// Exits with 0 when every package that package-lock.json wants on this machine
// is in node_modules in that version. npm keeps what it installed in
// node_modules/.package-lock.json, so nothing else has to be read.
import { readFileSync } from "node:fs";

const packagesOf = (file) => JSON.parse(readFileSync(file, "utf8")).packages;

const wanted = packagesOf("package-lock.json");
const installed = packagesOf("node_modules/.package-lock.json");

const missing = Object.entries(wanted).filter(
  ([path, entry]) => path !== "" && !entry.optional && installed[path]?.version !== entry.version,
);

process.exitCode = missing.length === 0 ? 0 : 1;
