/** Binds chains to their stacks and the NFs of their paths. */
import type { ChainDecl, ChainPart, Declaration, Path, PathStep } from "../syntax/ast.ts";
import type { BoundPath, ChainSymbol, NfSymbol, PathOccurrence, StackSymbol } from "./model.ts";
import type { NameTable, Resolver } from "./scope.ts";

interface ChainContext {
  readonly resolver: Resolver;
  readonly nfs: ReadonlyMap<string, NfSymbol>;
  readonly steps: PathOccurrence[];
}

export function bindChains(
  table: NameTable,
  resolver: Resolver,
  stacks: readonly StackSymbol[],
  nfs: readonly NfSymbol[],
  broken: ReadonlySet<Declaration>,
): readonly ChainSymbol[] {
  const stackByName = new Map(stacks.map((stack) => [stack.name, stack]));
  const nfByName = new Map(nfs.map((nf) => [nf.name, nf]));
  return table.declarations
    .filter((decl) => decl.kind === "chain")
    .map((decl) => {
      const context: ChainContext = { resolver, nfs: nfByName, steps: [] };
      const stackName = lastPart(decl, "chain-stack")?.stack;
      const stackDecl = stackName === undefined ? undefined : resolver.resolve("stack", stackName);
      const stack = stackDecl === undefined ? undefined : stackByName.get(stackDecl.name.text);
      const written = lastPart(decl, "path")?.path;
      const path = written === undefined ? undefined : bindPath(context, written);
      const poisoned = broken.has(decl) || context.steps.some(({ nf }) => nf === undefined || nf.poisoned);
      return {
        kind: "chain",
        name: decl.name.text,
        decl,
        ...(stack === undefined ? {} : { stack }),
        ...(path === undefined ? {} : { path }),
        steps: context.steps,
        poisoned,
      };
    });
}

export function lastPart<K extends ChainPart["kind"]>(
  decl: ChainDecl,
  kind: K,
): (ChainPart & { readonly kind: K }) | undefined {
  return decl.parts.findLast((part): part is ChainPart & { readonly kind: K } => part.kind === kind);
}

/** Nesting is limited by the parser, so recursion is bounded. */
function bindPath(context: ChainContext, path: Path): BoundPath {
  const parts = path.steps.map((step) => bindStep(context, step));
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : { kind: "sequence", parts };
}

function bindStep(context: ChainContext, step: PathStep): BoundPath {
  if (step.kind === "parallel") {
    const parts = step.branches.map((branch) => bindPath(context, branch));
    const [only] = parts;
    return only !== undefined && parts.length === 1 ? only : { kind: "parallel", parts };
  }
  const decl = context.resolver.resolve("nf", step.nf);
  const nf = decl === undefined ? undefined : context.nfs.get(decl.name.text);
  context.steps.push({ name: step.nf, ...(nf === undefined ? {} : { nf }) });
  return { kind: "nf", step, ...(nf === undefined ? {} : { nf }) };
}
