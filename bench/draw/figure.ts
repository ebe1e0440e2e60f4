/** What a figure shows, before anybody draws it. */
import type { Spread } from "../statistics.ts";

export interface Bar {
  readonly label: string;
  readonly spread: Spread;
}

export interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface Figure {
  /** Also the name of its file. */
  readonly name: string;
  /** With the unit of its values. */
  readonly title: string;
  readonly groups: readonly Group[];
  /** A value with a line through all groups. */
  readonly line?: number;
  /** Lines below the bars. */
  readonly notes: readonly string[];
}
