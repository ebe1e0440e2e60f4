/** Renders the logic-free templates of codegen-templates/. */
import { readFileSync } from "node:fs";
import Handlebars from "handlebars";

const folder = new URL("../../codegen-templates/", import.meta.url);
const compiled = new Map<string, HandlebarsTemplateDelegate>();

/** `name` is a path below codegen-templates without `.hbs`; `view` is plain data. */
export function render(name: string, view: object): string {
  let template = compiled.get(name);
  if (template === undefined) {
    template = Handlebars.compile(readFileSync(new URL(`${name}.hbs`, folder), "utf8"), {
      noEscape: true,
      strict: true,
      knownHelpersOnly: true,
    });
    compiled.set(name, template);
  }
  return template(view);
}
