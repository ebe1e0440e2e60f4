/** MBX5008: two chains on one port whose stacks take the same packets. */
import { lastPart } from "../bind/chains.ts";
import type { ChainSymbol } from "../bind/model.ts";
import type { FilterIr } from "../ir/ir.ts";
import type { Span } from "../syntax/ast.ts";
import type { CheckContext, ProgramRule } from "./context.ts";
import { commonExample } from "./filter-terms.ts";

interface Claim {
  readonly chain: ChainSymbol;
  readonly ports: readonly string[];
  readonly match?: FilterIr;
  readonly span: Span;
}

export const stacksMatchDifferentPackets: ProgramRule = (context) => {
  const claims = context.program.chains.flatMap((chain) => claimOf(chain, context) ?? []);
  const byPort = new Map<string, Claim[]>();
  for (const claim of claims) {
    for (const port of claim.ports) {
      const known = byPort.get(port);
      if (known === undefined) byPort.set(port, [claim]);
      else known.push(claim);
    }
  }
  const told = new Set<string>();
  for (const [port, group] of byPort) {
    for (const [index, second] of group.entries()) {
      for (const first of group.slice(0, index)) reportCommon(first, second, port, told, context);
    }
  }
};

function reportCommon(
  first: Claim,
  second: Claim,
  port: string,
  told: Set<string>,
  context: CheckContext,
): void {
  const key = `${first.chain.name} ${second.chain.name}`;
  if (told.has(key)) return;
  const example = commonExample(first.match, second.match);
  if (example === undefined) return;
  told.add(key);
  context.report(
    "MBX5008",
    second.span,
    { one: first.chain.name, other: second.chain.name, port, example },
    {
      secondary: first.span === second.span ? [] : [{ span: first.span, text: "matched here first" }],
    },
  );
}

/** Undefined where the filter has an error: nothing is known of what it takes. */
function claimOf(chain: ChainSymbol, { program, filters }: CheckContext): Claim | undefined {
  const { stack } = chain;
  const ports = lastPart(chain.decl, "ports");
  if (stack?.def === undefined || ports === undefined || chain.decl.span.file !== program.root)
    return undefined;
  if (program.files.some((file) => file.broken.has(stack.decl))) return undefined;
  const option = stack.options.find((one) => one.name.text === "match");
  const names = new Set([ports.near.text, ...(ports.far === undefined ? [] : [ports.far.text])]);
  if (option === undefined) return { chain, ports: [...names], span: stack.decl.name.span };
  const match = option.value.kind === "set" ? undefined : filters.get(option.value);
  return match === undefined ? undefined : { chain, ports: [...names], match, span: option.value.span };
}
