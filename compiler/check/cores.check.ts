/**
 * MBX5015 to MBX5017: what stacks have to agree on, and what an instance needs, where
 * there are several instances. All chains of a program run in each of them.
 */
import type { StackSymbol } from "../bind/model.ts";
import { stackOptions } from "../catalog/lookup.ts";
import type { OptionDef } from "../catalog/types.ts";
import type { OptionValue } from "../ir/ir.ts";
import type { StackOption } from "../syntax/ast.ts";
import type { CheckContext, ProgramRule, StackRule } from "./context.ts";

interface Found {
  readonly value: OptionValue | undefined;
  /** Absent: it has its default. */
  readonly written?: StackOption;
  readonly def?: OptionDef;
}

function optionOf(stack: StackSymbol, name: string, { optionValues }: CheckContext): Found {
  const def = stackOptions(stack.def?.kind ?? "l3").find((one) => one.name === name);
  const written = stack.options.find((one) => one.name.text === name);
  const value = written === undefined ? def?.default : optionValues.get(written);
  return {
    value,
    ...(written === undefined ? {} : { written }),
    ...(def === undefined ? {} : { def }),
  };
}

/** Instances of a stack. */
export function coresOf(stack: StackSymbol, context: CheckContext): number {
  const { value } = optionOf(stack, "cores", context);
  return typeof value === "number" ? value : 1;
}

/** The bounds of a stack are divided among its instances. */
const DIVIDED = ["flows", "buffer"];

export const instancesHaveRoom: StackRule = (stack, context) => {
  const cores = coresOf(stack, context);
  if (cores === 1) return;
  for (const name of DIVIDED) {
    const { value, written, def } = optionOf(stack, name, context);
    if (written === undefined || typeof value !== "number" || def === undefined) continue;
    const least = "min" in def.value ? def.value.min : 0;
    if (Math.floor(value / cores) >= least) continue;
    context.report("MBX5016", written.span, { option: name, cores, stack: stack.name });
  }
};

/** Where a tunnelled packet was cut, only the whole says which flow is inside of it. */
export const tunnelsAreWhole: StackRule = (stack, context) => {
  if (coresOf(stack, context) === 1) return;
  const decap = optionOf(stack, "decap", context);
  if (decap.written === undefined || !Array.isArray(decap.value) || decap.value.length === 0) return;
  const { value } = optionOf(stack, "fragments", context);
  if (typeof value !== "number" || value === 0) return;
  context.report("MBX5017", decap.written.span, { stack: stack.name });
};

const textOf = (value: OptionValue | undefined): string => JSON.stringify(value) ?? "";

/** A packet that one stack does not match is the next one's, on the same lcore. */
export const stacksShareTheirCores: ProgramRule = (context) => {
  const { program } = context;
  const stacks = program.chains.flatMap((chain) =>
    chain.stack === undefined || chain.decl.span.file !== program.root ? [] : [chain.stack],
  );
  const [first] = stacks;
  if (first === undefined || stacks.every((stack) => coresOf(stack, context) === 1)) return;
  for (const stack of new Set(stacks.slice(1))) {
    for (const option of ["cores", "decap"]) {
      const here = optionOf(stack, option, context);
      const there = optionOf(first, option, context);
      if (textOf(here.value) === textOf(there.value)) continue;
      context.report("MBX5015", here.written?.span ?? stack.decl.name.span, {
        one: first.name,
        other: stack.name,
        option,
      });
    }
  }
};
