/** Pages of the documentation and the code blocks in them. */
import { readFileSync } from "node:fs";

export const ROOT = new URL("../../", import.meta.url);

export function readPage(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}

export interface CodeBlock {
  readonly language: string;
  /** What stands behind the language: a file's path, `file=NAME`, or nothing. */
  readonly label: string;
  readonly text: string;
}

/** Fenced blocks, in order. */
export function codeBlocks(page: string): readonly CodeBlock[] {
  return [...page.matchAll(/^```(\S*)[ \t]*(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", label = "", text = ""]) => ({ language, label: label.trim(), text }),
  );
}

/** A cell of a table: no line breaks, and nothing that would end it. */
export function tableCell(text: string): string {
  return text.replaceAll("\n", " ").replaceAll("|", "\\|");
}

/** Replaces what stands between `<!-- NAME: … -->` and `<!-- end -->`. */
export function withGenerated(page: string, name: string, text: string): string {
  const part = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[\\s\\S]*?(<!-- end -->)`);
  if (!part.test(page)) throw new Error(`the page has no generated part \`${name}\``);
  return page.replace(part, (_, begin: string, end: string) => `${begin}\n${text}\n${end}`);
}
