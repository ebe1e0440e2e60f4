/** From a path to an order: places of the NFs, and who comes before whom. */
import type { PathIr } from "../ir/ir.ts";

export interface OrderedNf {
  readonly name: string;
  /** Places of the NFs that are before it on every way: they can be heard. */
  readonly upstream: readonly number[];
}

/** NFs in topological order; parallel branches one after another, unrelated. */
export function orderPath(path: PathIr): readonly OrderedNf[] {
  const order: OrderedNf[] = [];
  walk(path, []);
  return order;

  /** Appends what is below `part`; returns the places that come before what follows it. */
  function walk(part: PathIr, before: readonly number[]): readonly number[] {
    switch (part.kind) {
      case "nf":
        order.push({ name: part.nf, upstream: [...before] });
        return [...before, order.length - 1];
      case "sequence":
        return part.parts.reduce<readonly number[]>((seen, step) => walk(step, seen), before);
      case "parallel": {
        const after = part.parts.map((branch) => walk(branch, before));
        return [...new Set([...before, ...after.flat()])].sort((a, b) => a - b);
      }
    }
  }
}
