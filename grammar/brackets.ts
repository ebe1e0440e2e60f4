/**
 * The open brackets of a file while it is read. Bounded: what is nested deeper
 * than the limit is counted and left out, so nothing downstream can be
 * exhausted by it.
 */
import type { IToken } from "chevrotain";

/** Levels of brackets and `not` in one another. */
export const NESTING_LIMIT = 256;

export type BracketKind = "fields" | "options" | "nf" | "chain" | "set" | "group";

export interface Bracket {
  readonly kind: BracketKind;
  readonly token: IToken;
  /** Whose bracket: "`dpi`" or "the enum". */
  readonly owner: string;
  /** False for one beyond the limit or in a part that is skipped: the parser does not see it. */
  readonly seen: boolean;
}

export interface Brackets {
  readonly open: readonly Bracket[];
  readonly braces: () => number;
  readonly groups: () => number;
  readonly push: (bracket: Bracket) => void;
  readonly pop: () => Bracket | undefined;
}

export function createBrackets(): Brackets {
  const open: Bracket[] = [];
  let groups = 0;
  return {
    open,
    braces: () => open.length - groups,
    groups: () => groups,
    push: (bracket) => {
      open.push(bracket);
      if (bracket.kind === "group") groups += 1;
    },
    pop: () => {
      const bracket = open.pop();
      if (bracket?.kind === "group") groups -= 1;
      return bracket;
    },
  };
}
