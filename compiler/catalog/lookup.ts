/** Questions to the catalog that more than one stage asks. */
import { enums } from "./enums.ts";
import { events } from "./events.ts";
import { fields } from "./fields.ts";
import { options } from "./options.ts";
import { stacks } from "./stacks.ts";
import type { EnumDef, EventDef, EventFieldDef, FieldDef, OptionDef, StackDef, StackKind } from "./types.ts";

const eventByName = new Map(events.map((event) => [event.name, event]));
const fieldByName = new Map(fields.map((field) => [field.name, field]));
const enumByName = new Map(enums.map((one) => [one.name, one]));
const stackByKind = new Map<string, StackDef>(stacks.map((stack) => [stack.kind, stack]));

export function catalogEvent(name: string): EventDef | undefined {
  return eventByName.get(name);
}

export function catalogField(name: string): FieldDef | undefined {
  return fieldByName.get(name);
}

export function catalogEnum(name: string): EnumDef | undefined {
  return enumByName.get(name);
}

export function catalogStack(kind: string): StackDef | undefined {
  return stackByKind.get(kind);
}

/** Options of a stack kind, in the catalog's order. */
export function stackOptions(kind: StackKind): readonly OptionDef[] {
  return options.filter((option) => option.stacks.includes(kind));
}

/** The event and its ancestors, itself first. */
export function eventLineage(name: string): readonly EventDef[] {
  const lineage: EventDef[] = [];
  for (let event = eventByName.get(name); event !== undefined; ) {
    lineage.push(event);
    event = event.parent === undefined ? undefined : eventByName.get(event.parent);
  }
  return lineage;
}

/** Whether `name` is `ancestor` or below it. */
export function eventIsA(name: string, ancestor: string): boolean {
  return eventLineage(name).some((event) => event.name === ancestor);
}

/** The built-in events that a subscription to `name` hears: itself and all below it that are raised. */
export function eventsHeard(name: string): readonly EventDef[] {
  return events.filter((event) => event.raisedBy.length > 0 && eventIsA(event.name, name));
}

/** Fields of a built-in event, ancestors' first. */
export function eventFields(name: string): readonly EventFieldDef[] {
  return [...eventLineage(name)].reverse().flatMap((event) => event.fields);
}
