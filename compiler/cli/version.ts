/** The version, as package.json has it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { places } from "../build/places.ts";

export function version(): string {
  const text: unknown = JSON.parse(readFileSync(path.join(places.root, "package.json"), "utf8"));
  const found = typeof text === "object" && text !== null && "version" in text ? text.version : undefined;
  return String(found ?? "unknown");
}
