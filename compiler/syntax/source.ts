/** Offsets to lines and columns. */

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/** A text with its lines found once; `\n`, `\r\n` and `\r` end a line. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly positionAt: (offset: number) => Position;
  /** A line without its end; empty when there is no such line. */
  readonly lineText: (line: number) => string;
  /** Where a line begins. */
  readonly lineStart: (line: number) => number;
}

export function createSource(path: string, text: string): Source {
  const starts = lineStarts(text);
  const lineStart = (line: number): number => starts[line - 1] ?? text.length;
  return {
    path,
    text,
    lineCount: starts.length,
    positionAt: (offset) => {
      const clamped = Math.max(0, Math.min(offset, text.length));
      const line = lineAt(starts, clamped);
      return { line, column: clamped - lineStart(line) + 1 };
    },
    lineText: (line) => {
      if (line < 1 || line > starts.length) return "";
      return text.slice(lineStart(line), lineStart(line + 1)).replace(/[\r\n]+$/, "");
    },
    lineStart,
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let offset = 0; offset < text.length; offset++) {
    const unit = text.charCodeAt(offset);
    const isEnd = unit === 10 || (unit === 13 && text.charCodeAt(offset + 1) !== 10);
    if (isEnd) starts.push(offset + 1);
  }
  return starts;
}

/** The last line that begins at or before an offset. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}
