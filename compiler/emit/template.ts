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
  const text = template(view).replaceAll(/[ \t]+$/gm, "");
  return name.startsWith("c/") ? wrapLines(text) : text;
}

const widest = 100;
const tabWidth = 8;

/** Breaks long lines of C after a comma or an operator, as a person would. */
function wrapLines(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      isShort(line) || width(line) <= widest || /^\s*(\/?\*|#)/.test(line) ? line : wrapLine(line).join("\n"),
    )
    .join("\n");
}

function wrapLine(line: string): readonly string[] {
  const indent = /^\t*/.exec(line)?.[0] ?? "";
  const hanging = `${indent}\t\t`;
  const lines: string[] = [];
  let current = indent;
  for (const word of line.slice(indent.length).split(/(?<=, |&& |\|\| |\+ | = |\()/)) {
    if (width(current + word.trimEnd()) > widest && current.trim() !== "") {
      lines.push(current.trimEnd());
      current = hanging;
    }
    current += word;
  }
  return [...lines, current];
}

/** Whether a line surely fits: most do, and counting their letters is most of the work. */
function isShort(line: string): boolean {
  let tabs = 0;
  for (let at = line.indexOf("\t"); at >= 0; at = line.indexOf("\t", at + 1)) tabs++;
  return line.length + tabs * (tabWidth - 1) <= widest;
}

function width(line: string): number {
  let columns = 0;
  for (const letter of line) columns += letter === "\t" ? tabWidth - (columns % tabWidth) : 1;
  return columns;
}
