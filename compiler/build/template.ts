/** Renders a template of `codegen-templates/cmake`: logic-free, strict about what it is given. */
import { readFileSync } from "node:fs";
import path from "node:path";
import Handlebars from "handlebars";
import { places } from "./places.ts";

export function renderCmake(view: {
  readonly source: string;
  readonly target: string;
  readonly units: readonly string[];
}): string {
  const text = readFileSync(path.join(places.cmakeTemplates, "CMakeLists.txt.hbs"), "utf8");
  const options = { noEscape: true, strict: true, knownHelpersOnly: true } as const;
  return Handlebars.compile(text, options)(view);
}
