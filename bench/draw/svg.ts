/** A figure as SVG: horizontal bars with ranges, for light and for dark pages. */
import type { Bar, Figure, Group } from "./figure.ts";

const WIDTH = 760;
const MARGIN = 16;
const ROW = 24;
const BAR = 14;
const TITLE = 34;
const GROUP_TITLE = 26;
const GROUP_GAP = 10;
const NOTE = 17;
const CAP = 4;
/** Room right of the longest bar, for its value. */
const VALUES = 60;
/** Of an average letter in a text of 13 pixels. */
const LETTER = 6.6;
/** Letters that a note of 11 pixels has room for. */
const NOTE_LETTERS = 124;

/** Pages choose: a README is read in both, and an image has no background of its own. */
const STYLE = `
    text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f; }
    .title { font-size: 15px; font-weight: 600; }
    .group { font-weight: 600; }
    .note { font-size: 11px; fill: #57606a; }
    .zero { stroke: #8c959f; }
    .line { stroke: #57606a; stroke-dasharray: 4 3; }
    .bar { fill: #5b8fd0; }
    .range { stroke: #1f2328; stroke-width: 1.5; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .note { fill: #9198a1; }
      .zero { stroke: #656c76; }
      .line { stroke: #9198a1; }
      .bar { fill: #3f6fb0; }
      .range { stroke: #f0f6fc; }
    }
`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const round = (number: number): string => String(Math.round(number * 10) / 10);

function text(x: number, y: number, kind: string, words: string, anchor = "start"): string {
  const attributes = `${kind === "" ? "" : ` class="${kind}"`}${anchor === "start" ? "" : ` text-anchor="${anchor}"`}`;
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${escaped(words)}</text>`;
}

const straight = (kind: string, x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="${kind}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;

/** Three digits that mean something. */
export function valueText(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** Where values are on the page: there is no axis, since each bar has its value beside it. */
interface Plot {
  readonly left: number;
  readonly most: number;
  readonly x: (value: number) => number;
}

/** Labels take a third of the width at most; those that are longer stand above their bars. */
const LABELS = WIDTH / 3;
const isLong = ({ label }: Bar): boolean => label.length * LETTER > LABELS;
const barHeight = (bar: Bar): number => (isLong(bar) ? 2 * ROW : ROW);

function plotOf(groups: readonly Group[]): Plot {
  const bars = groups.flatMap((group) => group.bars);
  const letters = Math.max(0, ...bars.filter((bar) => !isLong(bar)).map(({ label }) => label.length));
  const left = MARGIN + letters * LETTER + 10;
  const most = Math.max(...bars.map(({ spread }) => spread.max));
  return { left, most, x: (value) => left + (value / most) * (WIDTH - VALUES - left) };
}

/** From the middle of a row down to the line that its letters stand on. */
const DOWN = 4.5;

function drawBar(bar: Bar, top: number, { left, x }: Plot): readonly string[] {
  const { label, spread } = bar;
  const middle = top + barHeight(bar) - ROW / 2;
  const baseline = middle + DOWN;
  const [from, to] = [x(spread.min), x(spread.max)];
  return [
    isLong(bar) ? text(MARGIN, top + ROW / 2 + DOWN, "", label) : text(left - 8, baseline, "", label, "end"),
    `<rect class="bar" x="${round(left)}" y="${round(middle - BAR / 2)}" width="${round(x(spread.median) - left)}" height="${BAR}" rx="2"/>`,
    straight("range", from, middle, to, middle),
    ...[from, to].map((end) => straight("range", end, middle - CAP, end, middle + CAP)),
    text(to + 8, baseline, "", valueText(spread.median)),
  ];
}

/** Notes are broken between words. */
function broken(note: string): readonly string[] {
  const lines: string[] = [];
  for (const word of note.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= NOTE_LETTERS)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const barsHeight = (bars: readonly Bar[]): number => bars.reduce((sum, bar) => sum + barHeight(bar), 0);
const groupHeight = ({ bars }: Group): number => GROUP_TITLE + barsHeight(bars) + GROUP_GAP;

function drawGroups({ groups }: Figure, plot: Plot): readonly string[] {
  let top = TITLE;
  return groups.flatMap((group) => {
    const first = top + GROUP_TITLE;
    const bars = group.bars.flatMap((bar, i) =>
      drawBar(bar, first + barsHeight(group.bars.slice(0, i)), plot),
    );
    const title = text(MARGIN, top + GROUP_TITLE - 8, "group", group.title);
    top += groupHeight(group);
    return [title, ...bars];
  });
}

/** Zero, and what the figure marks; behind the bars of each group, so that no title is crossed. */
function drawLines({ groups, line }: Figure, { most, x }: Plot): readonly string[] {
  let top = TITLE;
  const marked = line !== undefined && line <= most ? [line] : [];
  return groups.flatMap((group) => {
    const [from, to] = [top + GROUP_TITLE, top + groupHeight(group) - GROUP_GAP];
    top += groupHeight(group);
    return [
      straight("zero", x(0), from, x(0), to),
      ...marked.map((at) => straight("line", x(at), from, x(at), to)),
    ];
  });
}

export function drawFigure(figure: Figure): string {
  const { groups, title } = figure;
  const plot = plotOf(groups);
  const notes = figure.notes.flatMap(broken);
  const bottom = TITLE + groups.reduce((sum, group) => sum + groupHeight(group), 0);
  const height = bottom + notes.length * NOTE + MARGIN;
  const parts = [
    text(MARGIN, 22, "title", title),
    ...drawLines(figure, plot),
    ...drawGroups(figure, plot),
    ...notes.map((note, i) => text(MARGIN, bottom + NOTE + i * NOTE, "note", note)),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">
  <title>${escaped(title)}</title>
  <style>${STYLE}  </style>
  ${parts.join("\n  ")}
</svg>
`;
}
