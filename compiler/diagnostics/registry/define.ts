/** The shape of an entry of the registry, and the way to write one. */
import type { Severity } from "../diagnostic.ts";

/** What `mbx explain` prints; a test compiles both examples. */
export interface Explanation {
  /** Why it is wrong, in a few sentences. */
  readonly cause: string;
  /** A small program (families 7 and 8: a command line) that gets this code. */
  readonly failing: string;
  /** The same, repaired: it does not get this code. */
  readonly repair: string;
  /** Files beside the program, by path relative to it: imports and handlers. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files beside the repair, where they differ. */
  readonly repairFiles?: Readonly<Record<string, string>>;
}

/** One code: its sentence, its label, its explanation. */
export interface Definition<Params> {
  readonly severity: Severity;
  /** Stands alone, without a full stop, names in backticks. */
  message(params: Params): string;
  /** Text beside the underline; empty when the message says it all. */
  label?(params: Params): string;
  readonly explain: Explanation;
}

/** `satisfies Family<"MBX2">` holds a table to the codes of its family. */
export type Family<Prefix extends string> = { readonly [code in `${Prefix}${number}`]: Definition<never> };

/** Writes an entry: `MBX2001: define<{ name: string }>({ … })`. */
export function define<Params>(definition: Definition<Params>): Definition<Params> {
  return definition;
}
