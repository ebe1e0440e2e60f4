/**
 * Which events are recorded in a chain's log and what each carries. A record
 * stores only what somebody declared: the fields of its event, and of the flow
 * what a reader or a filter of it needs, also when the need is that of a
 * hearer of something published while it is handled.
 */
import { catalogField } from "../catalog/lookup.ts";
import { planCatalogField } from "./events.ts";
import { filterRefs } from "./filters.ts";
import type { EventPlan, NfPlan, RecordPlan, SlotPlan } from "./plan.ts";
import type { Switching } from "./switching.ts";

export function planRecords(
  nfs: readonly NfPlan[],
  slots: readonly SlotPlan[],
  events: readonly EventPlan[],
  switching: Switching,
): readonly RecordPlan[] {
  const hearers = hearersOf(slots);
  const published = new Set(nfs.flatMap((nf) => nf.ir.publishes));
  const isRecorded = ({ name, user }: EventPlan): boolean =>
    (hearers.has(name) && (!user || published.has(name))) ||
    (name === "DATA_TCP" && switching.mayStart(name));
  const recorded = events.filter((event) => event.number >= 0 && isRecorded(event));
  const needs = snapshotNeeds(nfs, recorded);
  return recorded.map((event) => {
    const hearing = (hearers.get(event.name) ?? []).filter((slot) => slot.bit >= 0);
    const late = switching.late(event.name);
    const ofSide = (side: "client" | "server"): readonly number[] =>
      event.name === "DATA_TCP"
        ? unique([
            ...hearing.filter((slot) => slot.directions.includes(side)).map((slot) => slot.bit),
            ...late,
          ])
        : [];
    return {
      event: event.name,
      snapshot: [...(needs.get(event.name) ?? [])].sort().map(planCatalogField),
      bits: unique([...hearing.map((slot) => slot.bit), ...late]),
      clientBits: ofSide("client"),
      serverBits: ofSide("server"),
      stirring: event.user ? quiet : switching.stirring(event.name),
      mayStart: !event.user && switching.mayStart(event.name),
    };
  });
}

const quiet = { always: false, bits: [], ends: [], keeps: [] };

/** By event: the slots that hear it. */
function hearersOf(slots: readonly SlotPlan[]): ReadonlyMap<string, readonly SlotPlan[]> {
  const hearers = new Map<string, SlotPlan[]>();
  for (const slot of slots) {
    for (const event of slot.hears) {
      const known = hearers.get(event);
      if (known === undefined) hearers.set(event, [slot]);
      else known.push(slot);
    }
  }
  return hearers;
}

/** State of the flow that differs from packet to packet has to be stored. */
function isSnapshot(ref: string): boolean {
  const field = catalogField(ref);
  return (
    field?.stage === "flow" && ref !== "flow.start" && ref !== "flow.duration" && ref !== "flow.midstream"
  );
}

function snapshotNeeds(
  nfs: readonly NfPlan[],
  recorded: readonly EventPlan[],
): ReadonlyMap<string, Set<string>> {
  const needs = new Map(recorded.map((event) => [event.name, new Set<string>()]));
  for (const nf of nfs)
    for (const slot of nf.subscriptions)
      for (const name of slot.hears)
        for (const ref of [...nf.ir.reads, ...catalogRefs(slot)])
          if (isSnapshot(ref)) needs.get(name)?.add(ref);
  // What an NF missed is told with the bytes that follow it.
  for (const nf of nfs)
    if (nf.subscriptions.some((slot) => slot.heard >= 0))
      for (const slot of nf.subscriptions)
        if (slot.hears.includes("FLOW_GAP"))
          for (const ref of catalogRefs(slot)) if (isSnapshot(ref)) needs.get("DATA_TCP")?.add(ref);
  let grew = true;
  while (grew) {
    grew = false;
    for (const nf of nfs)
      for (const published of nf.ir.publishes)
        for (const ref of needs.get(published) ?? [])
          for (const name of nf.subscriptions.flatMap((slot) => slot.hears)) {
            const need = needs.get(name);
            if (need === undefined || need.has(ref)) continue;
            need.add(ref);
            grew = true;
          }
  }
  return needs;
}

function catalogRefs(slot: SlotPlan): readonly string[] {
  return slot.perEvent.flatMap(filterRefs).flatMap((ref) => (ref.kind === "catalog" ? [ref.field] : []));
}

function unique(bits: readonly number[]): readonly number[] {
  return [...new Set(bits)].sort((a, b) => a - b);
}
