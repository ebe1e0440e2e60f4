/** Gives each subscription its bit, its selector and its stages of filtering. */
import type { NfIr, SubscriptionIr } from "../ir/ir.ts";
import { eventPlan } from "./events.ts";
import { conjuncts, heardDirections, isFlowConstant, offsetBound } from "./filters.ts";
import type { EventPlan, SlotPlan } from "./plan.ts";

export function planSlots(
  nfs: readonly NfIr[],
  events: readonly EventPlan[],
  hasFlows: boolean,
): readonly SlotPlan[] {
  const slots: SlotPlan[] = [];
  let bits = 0;
  let selectors = 0;
  let stashes = 0;
  let positions = 0;
  for (const nf of nfs) {
    const hearsGaps = nf.subscriptions.some((sub) => eventPlan(events, sub.event).heard.includes("FLOW_GAP"));
    nf.subscriptions.forEach((sub, number) => {
      const event = eventPlan(events, sub.event);
      const switchable = sub.callbacks.length > 1;
      const perFlow = hasFlows && (event.flow || switchable);
      const tests = conjuncts(sub.where);
      const atStart = event.flow ? tests.filter(isFlowConstant) : [];
      const directions = event.heard.includes("DATA_TCP") ? heardDirections(tests) : [];
      slots.push({
        nf: nf.name,
        number,
        event: sub.event,
        hears: event.heard,
        bit: perFlow ? bits++ : -1,
        selector: perFlow && switchable ? selectors++ : -1,
        callbacks: sub.callbacks,
        stash: sub.fromStart > 0 ? stashes++ : -1,
        fromStart: sub.fromStart,
        heard: hearsGaps && perFlow && canIgnoreBytes(sub) ? positions++ : -1,
        atStart,
        perEvent: tests.filter((test) => !atStart.includes(test)),
        directions,
        until: untilOffset(sub, tests, directions),
      });
    });
  }
  return slots;
}

function canIgnoreBytes(sub: SubscriptionIr): boolean {
  return sub.event === "DATA_TCP" && sub.callbacks.length > 1 && sub.callbacks.includes("ignore");
}

/** Only where one direction is heard is one offset beyond the bound the end of it. */
function untilOffset(
  sub: SubscriptionIr,
  tests: Parameters<typeof offsetBound>[0],
  directions: readonly string[],
): number {
  return sub.event === "DATA_TCP" && directions.length === 1 ? offsetBound(tests) : -1;
}
