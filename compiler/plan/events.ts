/** Numbers the events of a program and says who hears what. */

import { events as catalogEvents } from "../catalog/events.ts";
import { catalogEnum, catalogEvent, catalogField, eventFields, eventsHeard } from "../catalog/lookup.ts";
import type { BuiltinType, EventFieldDef } from "../catalog/types.ts";
import type { ProgramIr, ScalarName } from "../ir/ir.ts";
import { grouped } from "./grouped.ts";
import type { EventPlan, FieldPlan, MemoryType } from "./plan.ts";

/**
 * Built-in events that a log can hold, in the order of `enum event_type` of
 * runtime/dataplane/event/event.h (a test compares).
 */
export const builtinNumbers: readonly string[] = [
  "PKT",
  "PKT_IP",
  "PKT_TCP",
  "PKT_UDP",
  "PKT_ICMP",
  "PKT_MALFORMED",
  "FLOW_START",
  "FLOW_ESTABLISHED",
  "FLOW_REXMIT",
  "FLOW_OVERLAP",
  "FLOW_GAP",
  "FLOW_END",
  "FLOW_UDP",
  "FLOW_ICMP",
  "FLOW_ICMP_ERROR",
  "TIMER",
  "DATA_TCP",
];

/** Number of the first user event: EVENT_USER. */
export const firstUserEvent = 32;

export function planEvents(ir: ProgramIr): readonly EventPlan[] {
  const user = ir.events;
  const children = grouped(user, (event) => event.parent);
  const userBelow = (name: string): string[] =>
    (children.get(name) ?? []).flatMap((event) => [event.name, ...userBelow(event.name)]);
  const plans: EventPlan[] = [];
  for (const def of catalogEvents) {
    if (!def.subscribable) continue;
    const heard = eventsHeard(def.name).map((event) => event.name);
    const below = [def.name, ...heard].flatMap(userBelow);
    plans.push({
      name: def.name,
      number: builtinNumbers.indexOf(def.name),
      user: false,
      heard: [...new Set([...heard.filter((name) => builtinNumbers.includes(name)), ...below])],
      flow: def.level === "flow" || def.level === "stream",
      fields: eventFields(def.name).map(planEventField),
      doc: def.doc,
    });
  }
  user.forEach((event, i) => {
    plans.push({
      name: event.name,
      number: firstUserEvent + i,
      user: true,
      heard: [event.name, ...userBelow(event.name)],
      flow: event.base !== "EVENT",
      fields: event.fields.map((field) => ({ name: field.name, type: field.type, doc: field.doc })),
      doc: event.doc,
    });
  });
  return plans;
}

/** Events are asked for by name everywhere: each program's are indexed once. */
const indexes = new WeakMap<readonly EventPlan[], ReadonlyMap<string, EventPlan>>();

function indexOf(events: readonly EventPlan[]): ReadonlyMap<string, EventPlan> {
  const known = indexes.get(events);
  if (known !== undefined) return known;
  const index = new Map(events.map((event) => [event.name, event]));
  indexes.set(events, index);
  return index;
}

export function eventPlan(events: readonly EventPlan[], name: string): EventPlan {
  const event = indexOf(events).get(name);
  if (event === undefined) throw new Error(`the plan has no event ${name}`);
  return event;
}

function planEventField(field: EventFieldDef): FieldPlan {
  return {
    name: field.name,
    type: memoryType(field.type),
    doc: field.doc,
    ...(field.unit === undefined ? {} : { unit: field.unit }),
  };
}

/** A catalog field (`flow.bytes`, `payload`) as something that is stored. */
export function planCatalogField(ref: string): FieldPlan {
  const field = catalogField(ref);
  if (field === undefined) throw new Error(`the catalog has no field ${ref}`);
  return {
    name: ref,
    type: memoryType(field.type),
    doc: field.doc,
    ...(field.unit === undefined ? {} : { unit: field.unit }),
  };
}

function memoryType(type: BuiltinType): MemoryType {
  if (type === "bytes") return { kind: "data" };
  if (type.startsWith("enum:")) {
    const def = catalogEnum(type.slice("enum:".length));
    if (def === undefined) throw new Error(`the catalog has no ${type}`);
    return { kind: "enum", enum: def };
  }
  return { kind: "scalar", name: type as ScalarName };
}

/** Whether a verdict can name a packet when this event is handled. */
export function eventHasPacket(name: string): boolean {
  return catalogEvent(name)?.packet !== "never";
}
