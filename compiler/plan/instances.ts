/** How many instances of its stacks a program has, and what each gets of a stack's bounds. */
import type { OptionValue } from "../ir/ir.ts";

type Options = Readonly<Record<string, OptionValue>>;

export function instancesOf(options: Options): number {
  return Number(options.cores ?? 1);
}

/** `flows`, `buffer` and `fragments` are of all together. */
export function ofOneInstance(options: Options, bound: "flows" | "buffer" | "fragments"): number {
  return Math.ceil(Number(options[bound] ?? 0) / instancesOf(options));
}
