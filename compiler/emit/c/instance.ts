/** A handler's use in a chain, and the C functions made for it. */
import { grouped } from "../../plan/grouped.ts";
import type { ChainPlan, NfPlan, ProgramPlan, StubPlan } from "../../plan/plan.ts";

export interface Instance {
  readonly chain: ChainPlan;
  readonly nf: NfPlan;
  /** Of all names that are made for it: `ids_signature`. */
  readonly prefix: string;
}

/** By handler; found once for a program, because each handler's unit asks. */
const instances = new WeakMap<ProgramPlan, ReadonlyMap<string, readonly Instance[]>>();

/** Wherever a handler stands, chain by chain in the order of their paths. */
export function instancesOf(program: ProgramPlan, stub: StubPlan): readonly Instance[] {
  const known = instances.get(program) ?? allInstances(program);
  instances.set(program, known);
  return known.get(stub.nf.handlerOf) ?? [];
}

function allInstances(program: ProgramPlan): ReadonlyMap<string, readonly Instance[]> {
  const all = program.chains.flatMap((chain) =>
    chain.nfs.map((nf): Instance => ({ chain, nf, prefix: `${chain.name}_${nf.name}` })),
  );
  return grouped(all, ({ nf }) => nf.ir.handlerOf);
}

export interface CFunction {
  readonly text: string;
  readonly inline: string;
  readonly signature: string;
  readonly lines: readonly string[];
}
