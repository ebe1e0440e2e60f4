/** A handler's use in a chain, and the C functions made for it. */
import type { ChainPlan, NfPlan } from "../../plan/plan.ts";

export interface Instance {
  readonly chain: ChainPlan;
  readonly nf: NfPlan;
  /** Of all names that are made for it: `ids_signature`. */
  readonly prefix: string;
}

export interface CFunction {
  readonly text: string;
  readonly inline: string;
  readonly signature: string;
  readonly lines: readonly string[];
}
