/** Programs written in a test: one root and files beside it, nothing on disk. */
import { createProgram, type Program, type Purpose } from "../../compiler/program.ts";

export const ROOT = "main.mbx";

export interface Given {
  /** Text of files beside the root; handlers count as there without being listed. */
  readonly files?: Readonly<Record<string, string>>;
  readonly purpose?: Purpose;
}

export function programOf(source: string, files: Readonly<Record<string, string>> = {}): Program {
  const texts: Readonly<Record<string, string>> = { ...files, [ROOT]: source };
  const host = {
    readFile: (path: string): string | undefined => (Object.hasOwn(texts, path) ? texts[path] : undefined),
    fileExists: (path: string): boolean => /\.(?:c|ts)$/.test(path) || Object.hasOwn(texts, path),
  };
  return createProgram(host, [ROOT]);
}

/** `MBX3001 45:13` for each diagnostic, in order. */
export function problems(source: string, given: Given = {}): readonly string[] {
  const program = programOf(source, given.files);
  return program.check(given.purpose).map(({ code, primary: { span } }) => {
    const before = (program.sourceText(span.file) ?? "").slice(0, span.start).split("\n");
    const place = `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
    return span.file === ROOT ? `${code} ${place}` : `${code} ${span.file}:${place}`;
  });
}

export function codesOf(source: string, given: Given = {}): readonly string[] {
  return problems(source, given).map((one) => one.slice(0, "MBX0000".length));
}

/** An NF with its handler. */
export function nf(name: string, ...parts: readonly string[]): string {
  return `nf ${name} {\n${parts.map((part) => `  ${part}\n`).join("")}  handler "${name}.c"\n}\n`;
}

/** A monitor and a chain of this path. */
export function chain(path: string, stack = "monitor { }"): string {
  return `stack all = ${stack}\nchain main {\n  stack all\n  ports client <-> server\n  path ${path}\n}\n`;
}
