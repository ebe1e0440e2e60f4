/** The records of a chain's log, as C structs, and how their fields are read. */
import { eventPlan } from "../../plan/events.ts";
import type { ChainPlan, EventPlan, FieldPlan, ProgramPlan, RecordPlan } from "../../plan/plan.ts";
import { lower, memberName, storedType, upper } from "./names.ts";

export function recordStruct(chain: ChainPlan, event: string): string {
  return `${chain.name}_${lower(event)}_record`;
}

export function recordSlots(chain: ChainPlan, event: string): string {
  return `${upper(chain.name)}_RECORD_SLOTS(struct ${recordStruct(chain, event)})`;
}

/** Fields that stand in the head or in `struct event_data`, with their C by head `e` and record `r`. */
const headFields: Readonly<Record<string, string>> = { dir: "e->dir", offset: "e->offset" };

/** Own fields of an event that a record stores behind its head. */
export function storedFields(event: EventPlan): readonly FieldPlan[] {
  return event.fields.filter(
    (field) => event.user || (headFields[field.name] === undefined && field.type.kind !== "data"),
  );
}

/** C of an event's own field: `e` is the head, `r` the record. */
export function eventFieldC(event: EventPlan, name: string): string {
  const field = event.fields.find((one) => one.name === name);
  if (field === undefined) throw new Error(`${event.name} has no field ${name}`);
  if (event.user) return `r->${memberName(name)}`;
  return headFields[name] ?? (field.type.kind === "data" ? "r->data.data" : `r->${memberName(name)}`);
}

/** How the stack's report becomes a stored field. */
export function siteValue(field: string): string {
  switch (field) {
    case "length":
      return "site->length";
    case "reason":
    case "conflict":
    case "phase":
    case "kind":
      return "site->reason";
    case "type":
      return "(uint8_t)(site->icmp >> 8)";
    case "code":
      return "(uint8_t)site->icmp";
    case "mtu":
      return "site->length";
    case "midstream":
      return "(site->flags & EVENT_MIDSTREAM) != 0";
    default:
      throw new Error(`the stack does not report ${field}`);
  }
}

export function recordView(program: ProgramPlan, chain: ChainPlan, record: RecordPlan): object {
  const event = eventPlan(program.events, record.event);
  return {
    event: event.name,
    stored: record.snapshot.map((field) => field.name).join(", "),
    struct: recordStruct(chain, event.name),
    head: event.name === "DATA_TCP" ? "struct event_data data;" : "struct event head;",
    members: [...storedFields(event), ...record.snapshot].map(
      (field) => `${storedType(field.type, memberName(field.name))};`,
    ),
  };
}
