/**
 * A fault that ends a command: wrong use, or something that the machine lacks.
 * It has a code like every diagnostic, but no place in a source file.
 */
import { type Code, type CodeParams, definitionOf } from "../diagnostics/registry.ts";

export class Fault extends Error {
  readonly code: Code;
  readonly help: readonly string[];

  constructor(code: Code, message: string, help: readonly string[]) {
    super(message);
    this.name = "Fault";
    this.code = code;
    this.help = help;
  }
}

/** `help` lines say what to write instead; they name what exists. */
export function fault<C extends Code>(code: C, params: CodeParams[C], ...help: readonly string[]): Fault {
  return new Fault(code, definitionOf(code).message(params), help);
}

/** The same, from what the operating system says about `path`. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
    case "EPERM":
      return "permission is denied";
    case "EISDIR":
      return "it is a folder";
    case "ENOTDIR":
      return "a part of its path is not a folder";
    case "EEXIST":
      return "something else of this name is there";
    case "ENOSPC":
      return "the disk is full";
    case "EROFS":
      return "the file system is read-only";
    case "EMFILE":
    case "ENFILE":
      return "too many files are open";
    case "ELOOP":
      return "its symbolic links form a circle";
    case "ENAMETOOLONG":
      return "its name is too long";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
