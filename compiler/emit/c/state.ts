/** Size of per-flow state in C. */

import { ofOneInstance } from "../../plan/instances.ts";
import { extent } from "../../plan/layout.ts";
import type { ChainPlan, EventPlan, NfPlan, ProgramPlan } from "../../plan/plan.ts";
import { hearings } from "./hear.ts";

/** Bytes of `struct { uint32_t generation; struct NF_state state; }`. */
export function stateRecordSize(nf: NfPlan): number {
  return recordSize(nf, 4, 4);
}

/**
 * Bytes of what a function on another core keeps of a flow: a generation, the
 * callbacks that it has chosen, where bytes were passed over, its state. 0: nothing.
 */
export function flowRecordSize(nf: NfPlan): number {
  const choices = choiceSlots(nf).length;
  const passed = passedSlots(nf).length;
  if (choices + passed + nf.ir.state.length === 0) return 0;
  const head = 4 + choices;
  return passed === 0 ? recordSize(nf, head, 4) : recordSize(nf, roundUp(head, 8) + 16 * passed, 8);
}

/** Subscriptions whose callback it selects. */
export function choiceSlots(nf: NfPlan): NfPlan["subscriptions"] {
  return nf.subscriptions.filter((slot) => slot.selector >= 0);
}

/** Subscriptions of which it is told what it passes over. */
export function passedSlots(nf: NfPlan): NfPlan["subscriptions"] {
  const hearsGaps = nf.subscriptions.some((slot) => slot.event === "FLOW_GAP");
  return hearsGaps ? nf.subscriptions.filter((slot) => slot.heard >= 0) : [];
}

function recordSize(nf: NfPlan, head: number, headAlign: number): number {
  let size = 0;
  for (const field of nf.ir.state) {
    const one = extent(field.type);
    size = roundUp(size, one.align) + one.size;
  }
  const stateAlign = Math.max(1, ...nf.ir.state.map((field) => extent(field.type).align));
  const align = Math.max(headAlign, stateAlign);
  return roundUp(roundUp(head, stateAlign) + roundUp(size, stateAlign), align);
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

/** Bytes of state from which on a core's second cache does not have all of it. */
const CACHED = 1 << 20;

/** Size of a flow's state where it is worth fetching ahead of its event, else 0. */
function fetchedState(chain: ChainPlan, nf: NfPlan): number {
  if (nf.ir.state.length === 0) return 0;
  const size = stateRecordSize(nf);
  return size * ofOneInstance(chain.stack.options, "flows") > CACHED ? size : 0;
}

/** What hearers on the stack's core keep of the flow. */
export function stateFetchLines(program: ProgramPlan, chain: ChainPlan, event: EventPlan): readonly string[] {
  return chain.nfs
    .filter((nf) => nf.outlet < 0 && fetchedState(chain, nf) > 0)
    .filter((nf) => hearings(program, chain, nf).some((hearing) => hearing.event.name === event.name))
    .map((nf) => `nf_state_fetch(c, ${nf.place}, site->flow, ${fetchedState(chain, nf)});`);
}
