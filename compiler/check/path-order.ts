/** Who comes before whom in a chain's path. */
import type { BoundPath, NfSymbol } from "../bind/model.ts";
import type { Name } from "../syntax/ast.ts";

/** An NF at its place in the path. */
export interface Step {
  readonly nf: NfSymbol;
  readonly name: Name;
  /** Indices from the root down, each with whether its node is a sequence. */
  readonly address: readonly { readonly inSequence: boolean; readonly index: number }[];
}

export type Relation = "before" | "after" | "parallel" | "same";

/** All NFs that are known, in source order. Nesting is bounded by the parser. */
export function stepsOf(path: BoundPath): readonly Step[] {
  const steps: Step[] = [];
  collect(path, [], steps);
  return steps;
}

function collect(path: BoundPath, address: Step["address"], steps: Step[]): void {
  if (path.kind === "nf") {
    if (path.nf !== undefined) steps.push({ nf: path.nf, name: path.step.nf, address });
    return;
  }
  for (const [index, part] of path.parts.entries()) {
    collect(part, [...address, { inSequence: path.kind === "sequence", index }], steps);
  }
}

/** What `a` is to `b`. */
export function relation(a: Step, b: Step): Relation {
  for (const [depth, here] of a.address.entries()) {
    const there = b.address[depth];
    if (there === undefined || here.index === there.index) continue;
    if (!here.inSequence) return "parallel";
    return here.index < there.index ? "before" : "after";
  }
  return "same";
}
