/** From lines and columns, as other compilers count them, to spans of ours. */
import type { Span } from "../syntax/ast.ts";

/** Start of a line, from 1, in UTF-16 units; the end of the text where there are fewer lines. */
function startOfLine(text: string, line: number): number {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  return start;
}

/**
 * The token at a line and a column of bytes, both from 1. Other compilers point
 * at one place; an underline below the whole word is easier to see.
 */
export function spanAtBytes(file: string, text: string, line: number, column: number): Span {
  const start = startOfLine(text, line);
  const newline = text.indexOf("\n", start);
  const content = text.slice(start, newline < 0 ? text.length : newline).replace(/\r$/, "");
  if (column === 0) return lineSpan(file, start, content);
  const before = Buffer.from(content, "utf8")
    .subarray(0, column - 1)
    .toString("utf8").length;
  const at = start + Math.min(before, content.length);
  return { file, start: at, end: at + tokenLength(content.slice(at - start)) };
}

function lineSpan(file: string, start: number, content: string): Span {
  const indent = content.length - content.trimStart().length;
  return { file, start: start + indent, end: start + Math.max(indent, content.trimEnd().length) };
}

function tokenLength(rest: string): number {
  // gcc points at the arrow of `m->missing`, clang at the name.
  const word =
    /^(?:(?:->|\.)\s*[\p{L}_]\w*|[\p{L}_$][\p{L}\p{N}_$]*|\d[\w.]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/u.exec(
      rest,
    );
  if (word !== null) return word[0].length;
  return Math.min(rest.length, 1);
}
