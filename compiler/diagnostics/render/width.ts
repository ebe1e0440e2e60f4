/** How many columns of a terminal a text takes. */

const TAB = 4;

/** Characters that take two columns: CJK, Hangul, full-width forms, emoji. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F900}-\u{1F9FF}\u{1FA70}-\u{1FAFF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;
/** Characters that take none: combining marks, joiners, variation selectors. */
const zero = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** Shown as a replacement: control characters, and those that turn the text around. */
const unsafe = /[\p{Cc}\p{Cs}\u2028-\u202E\u2066-\u2069]/u;

export interface Cell {
  /** What is shown: tabs and control characters replaced. */
  readonly shown: string;
  readonly width: number;
  /** Offset in the line, in UTF-16 code units. */
  readonly offset: number;
}

/** A line as the cells that a terminal shows. */
export function cells(line: string): readonly Cell[] {
  const result: Cell[] = [];
  let offset = 0;
  let column = 0;
  for (const character of line) {
    const cell = cellOf(character, column);
    result.push({ ...cell, offset });
    offset += character.length;
    column += cell.width;
  }
  return result;
}

function cellOf(character: string, column: number): { readonly shown: string; readonly width: number } {
  if (character === "\t") {
    const width = TAB - (column % TAB);
    return { shown: " ".repeat(width), width };
  }
  if (unsafe.test(character)) return { shown: "\uFFFD", width: 1 };
  if (zero.test(character)) return { shown: character, width: 0 };
  return { shown: character, width: wide.test(character) ? 2 : 1 };
}

export function widthOf(text: string): number {
  return cells(text).reduce((sum, cell) => sum + cell.width, 0);
}
