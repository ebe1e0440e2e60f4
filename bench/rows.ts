/** Which subjects are compared: the rows of all families. */
import { chainRows } from "./rows/chains.ts";
import type { Comparison } from "./rows/comparison.ts";
import { coreRows } from "./rows/cores.ts";
import { idsRows } from "./rows/ids.ts";
import { parallelRows } from "./rows/parallel.ts";
import { pathRows } from "./rows/path.ts";
import { typescriptRows } from "./rows/typescript.ts";
import { withoutRows } from "./rows/without.ts";

export const comparisons: readonly Comparison[] = [
  ...pathRows,
  ...chainRows,
  ...parallelRows,
  ...coreRows,
  ...typescriptRows,
  ...idsRows,
  ...withoutRows,
];

/** Those measured where none is asked for by its name: without builds of their own, which take minutes. */
export function usualRows(rows: readonly Comparison[]): readonly Comparison[] {
  return rows.filter(({ baseline }) => baseline.kind === "peer" || baseline.without === undefined);
}

/** A whole name means that row alone, a part of names all that have it, no name at all every row. */
export function rowsNamed<R extends { readonly name: string }>(
  rows: readonly R[],
  names: readonly string[],
): readonly R[] {
  if (names.length === 0) return rows;
  const isWhole = (name: string): boolean => rows.some((row) => row.name === name);
  return rows.filter((row) =>
    names.some((name) => (isWhole(name) ? row.name === name : row.name.includes(name))),
  );
}
