/**
 * Who may change, while a burst is handled, what the stack has to produce. The
 * stack is ahead of the network functions by up to a burst, so a flow of which
 * something was recorded that may lead to a switch is not settled until they
 * have handled it: what is for it is recorded whoever hears it now, and what its
 * streams would have to remember waits (docs/internals/subscriptions.md).
 */
import { eventPlan } from "./events.ts";
import type { EventPlan, NfPlan, SlotPlan } from "./plan.ts";

/** What makes a flow unsettled when an event is recorded. */
export interface Stirring {
  /** Somebody hears it without a bit. */
  readonly always: boolean;
  readonly bits: readonly number[];
  /** Data with which a subscription ends by itself. */
  readonly ends: readonly {
    readonly bit: number;
    readonly dir: "client" | "server";
    readonly until: number;
  }[];
  /** Data that a worker's subscription keeps until it is full: the slot, and when it does. */
  readonly keeps: readonly { readonly bit: number; readonly selector: number; readonly ignore: number }[];
}

export interface Switching {
  /** By built-in event: none where nothing that is heard of it can be switched. */
  stirring(event: string): Stirring;
  /** Whether a flow that is not settled may get a hearer of `event`. */
  mayStart(event: string): boolean;
  /**
   * Slots of functions that run behind a worker: they switch when the stack is
   * bursts ahead, so while one of these is on `event` is produced.
   */
  late(event: string): readonly number[];
}

export function planSwitching(
  nfs: readonly NfPlan[],
  firstStage: readonly number[],
  events: readonly EventPlan[],
): Switching {
  const firstPlaces = new Set(firstStage);
  const isEarly = (nf: NfPlan): boolean => firstPlaces.has(nf.place);
  const fromStack = (slot: SlotPlan): boolean => slot.hears.some((name) => !eventPlan(events, name).user);
  const switchable = (nf: NfPlan): readonly SlotPlan[] =>
    nf.subscriptions.filter(
      (slot) => slot.selector >= 0 && slot.callbacks.includes("ignore") && fromStack(slot),
    );
  const inC = nfs.filter((nf) => nf.outlet < 0);
  const early = inC.filter((nf) => isEarly(nf) && switchable(nf).length > 0);
  const heeded = closure(early, (nf) => nf.outlet < 0 && isEarly(nf), nfs);
  return {
    stirring: (event) => {
      const slots = heeded.flatMap((nf) => nf.subscriptions.filter((slot) => slot.hears.includes(event)));
      return {
        always: slots.some((slot) => slot.bit < 0),
        bits: unique(slots.map((slot) => slot.bit).filter((bit) => bit >= 0)),
        ends: event === "DATA_TCP" ? nfs.filter(isEarly).flatMap(ends) : [],
        keeps: event === "DATA_TCP" ? nfs.filter((nf) => isEarly(nf) && nf.outlet >= 0).flatMap(keeps) : [],
      };
    },
    mayStart: (event) => early.some((nf) => switchable(nf).some((slot) => concerns(slot, event))),
    late: (event) => {
      const late = inC.filter(
        (nf) => !isEarly(nf) && nf.subscriptions.some((slot) => slot.selector >= 0 && concerns(slot, event)),
      );
      const reached = closure(late, (nf) => nf.outlet < 0, nfs);
      return unique(
        reached.flatMap((nf) => nf.subscriptions.map((slot) => slot.bit)).filter((bit) => bit >= 0),
      );
    },
  };
}

/** Bytes are followed for those too who hear of holes and overlaps in them. */
function concerns({ hears }: SlotPlan, event: string): boolean {
  return (
    hears.includes(event) ||
    (event === "DATA_TCP" && (hears.includes("FLOW_OVERLAP") || hears.includes("FLOW_GAP")))
  );
}

/** These, and the functions whose publications they hear, however far up. */
function closure(
  of: readonly NfPlan[],
  within: (nf: NfPlan) => boolean,
  nfs: readonly NfPlan[],
): readonly NfPlan[] {
  const reached = new Set<NfPlan>();
  const visit = (nf: NfPlan): void => {
    if (reached.has(nf) || !within(nf)) return;
    reached.add(nf);
    const heard = new Set(nf.subscriptions.flatMap((slot) => slot.hears));
    for (const place of nf.upstream) {
      const other = nfs[place];
      if (other?.ir.publishes.some((name) => heard.has(name))) visit(other);
    }
  };
  of.forEach(visit);
  return [...reached];
}

function ends(nf: NfPlan): Stirring["ends"] {
  return nf.subscriptions.flatMap((slot) => {
    const [dir] = slot.directions;
    return slot.until >= 0 && slot.bit >= 0 && dir !== undefined
      ? [{ bit: slot.bit, dir, until: slot.until }]
      : [];
  });
}

function keeps(nf: NfPlan): Stirring["keeps"] {
  return nf.subscriptions
    .filter((slot) => slot.stash >= 0 && slot.bit >= 0)
    .map(({ bit, selector, callbacks }) => ({ bit, selector, ignore: callbacks.indexOf("ignore") }));
}

function unique(bits: readonly number[]): readonly number[] {
  return [...new Set(bits)].sort((a, b) => a - b);
}
