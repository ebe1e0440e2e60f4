/** A line of source with what is underlined on it. */
import { type Cell, cells } from "./width.ts";

/** A stretch of one line, in UTF-16 code units from its beginning; `end` is exclusive. */
export interface Mark {
  readonly start: number;
  readonly end: number;
  /** `^` or `-`. */
  readonly sign: string;
  readonly text: string;
}

export interface Snippet {
  readonly line: string;
  /** One underline a mark, in their order. */
  readonly underlines: readonly { readonly mark: Mark; readonly indent: number; readonly length: number }[];
}

/** Draws a line of at most `width` columns; a longer one is cut around its first mark. */
export function drawLine(text: string, marks: readonly Mark[], width: number): Snippet {
  const all = cells(text);
  const window = windowAround(all, marks[0], width);
  const shown = all.slice(window.first, window.last);
  const before = window.first > 0 ? "…" : "";
  const after = window.last < all.length ? "…" : "";
  const line = `${before}${shown.map((cell) => cell.shown).join("")}${after}`.trimEnd();
  const underlines = marks.map((mark) => {
    const indent = before.length + columnsUntil(shown, mark.start);
    const length = before.length + columnsUntil(shown, mark.end) - indent;
    return { mark, indent, length: Math.max(1, length) };
  });
  return { line, underlines };
}

/** Columns of the cells that begin before an offset of the line. */
function columnsUntil(shown: readonly Cell[], offset: number): number {
  let columns = 0;
  for (const cell of shown) {
    if (cell.offset >= offset) break;
    columns += cell.width;
  }
  return columns;
}

function windowAround(
  all: readonly Cell[],
  mark: Mark | undefined,
  width: number,
): { readonly first: number; readonly last: number } {
  const columns = all.reduce((sum, cell) => sum + cell.width, 0);
  if (columns <= width) return { first: 0, last: all.length };
  const found = all.findIndex((cell) => cell.offset >= (mark?.start ?? 0));
  const centre = found < 0 ? all.length : found;
  let first = centre;
  // A third of the room goes to what stands before the mark.
  for (let room = width / 3; first > 0 && room > 0; first--) room -= all[first - 1]?.width ?? 1;
  let last = first;
  for (let room = width - 2; last < all.length; last++) {
    room -= all[last]?.width ?? 1;
    if (room < 0) break;
  }
  return { first, last };
}
