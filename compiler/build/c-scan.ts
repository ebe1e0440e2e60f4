/** Finds the functions that a C file defines, without a C parser: enough to see a mistyped callback. */

export interface Definition {
  readonly name: string;
  /** Offset of the name. */
  readonly at: number;
}

/**
 * Definitions at the top level, not static, whose name begins with `prefix`, in order. A
 * macro that defines a function is not seen; nothing is refused because of that.
 */
export function definitionsIn(text: string, prefix: string): readonly Definition[] {
  const code = blanked(text);
  const found: Definition[] = [];
  const pattern = new RegExp(`\\b${prefix}\\w+(?=\\s*\\()`, "g");
  for (const match of code.matchAll(pattern)) {
    const open = code.indexOf("(", match.index);
    const close = closing(code, open);
    const depth = depthAt(code, match.index);
    if (depth !== 0 || isStatic(code, match.index)) continue;
    if (/^\s*\{/.test(code.slice(close + 1))) found.push({ name: match[0], at: match.index });
  }
  return found;
}

/** Where code names a symbol: offsets, and lines from 1. */
export function usesIn(
  text: string,
  symbol: string,
): readonly { readonly at: number; readonly line: number }[] {
  const code = blanked(text);
  const found = [...code.matchAll(new RegExp(`\\b${symbol.replace(/\W/g, "\\$&")}\\b`, "g"))];
  return found.map(({ index }) => ({ at: index, line: code.slice(0, index).split("\n").length }));
}

/** A helper of the file's own, whatever its name. */
function isStatic(code: string, at: number): boolean {
  const begin = Math.max(code.lastIndexOf(";", at), code.lastIndexOf("}", at)) + 1;
  return /\bstatic\b/.test(code.slice(begin, at));
}

/** Comments, strings and preprocessor lines replaced by blanks of the same length. */
function blanked(text: string): string {
  const noise =
    /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|^[ \t]*#(?:[^\n\\]|\\\r?\n|\\.)*/gm;
  return text.replace(noise, (piece) => piece.replace(/[^\n]/g, " "));
}

function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === "(") depth++;
    if (code[at] === ")" && --depth === 0) return at;
  }
  return code.length;
}

function depthAt(code: string, end: number): number {
  let depth = 0;
  for (let at = 0; at < end; at++) {
    if (code[at] === "{") depth++;
    if (code[at] === "}") depth--;
  }
  return depth;
}
