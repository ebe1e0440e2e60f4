/** Size of per-flow state in C. */

import { ofOneInstance } from "../../plan/instances.ts";
import { extent } from "../../plan/layout.ts";
import type { ChainPlan, NfPlan } from "../../plan/plan.ts";

/** Bytes of `struct { uint32_t generation; struct NF_state state; }`. */
export function stateRecordSize(nf: NfPlan): number {
  let size = 0;
  let align = 4;
  for (const field of nf.ir.state) {
    const one = extent(field.type);
    align = Math.max(align, one.align);
    size = Math.ceil(size / one.align) * one.align + one.size;
  }
  const round = (value: number): number => Math.ceil(value / align) * align;
  const stateAlign = Math.max(1, ...nf.ir.state.map((field) => extent(field.type).align));
  return round(Math.ceil(4 / stateAlign) * stateAlign + Math.ceil(size / stateAlign) * stateAlign);
}

/** Bytes of state from which on a core's second cache does not have all of it. */
const CACHED = 1 << 20;

/** Size of a flow's state where it is worth fetching ahead of its event, else 0. */
export function fetchedState(chain: ChainPlan, nf: NfPlan): number {
  if (nf.ir.state.length === 0) return 0;
  const size = stateRecordSize(nf);
  return size * ofOneInstance(chain.stack.options, "flows") > CACHED ? size : 0;
}
