/** What an event has: asked by every rule that relates fields to events. */
import type { EventTarget, NfBody } from "../bind/model.ts";
import { eventFields } from "../catalog/lookup.ts";
import type { BuiltinType, EventDef, FieldDef } from "../catalog/types.ts";
import type { TypeIr } from "../ir/ir.ts";

export interface EventFacts {
  readonly name: string;
  readonly level: EventDef["level"];
  readonly transport?: NonNullable<EventDef["transport"]>;
  readonly packet: EventDef["packet"];
  /** Own and inherited fields; a user field of a wrong type is left out. */
  readonly fields: readonly { readonly name: string; readonly type: TypeIr | BuiltinType }[];
  readonly builtin: boolean;
}

/** Undefined where the event's ancestry is broken, which has been reported. */
export function eventFacts(event: EventTarget): EventFacts | undefined {
  if (event.kind === "builtin") {
    const { name, level, packet, transport } = event.def;
    return { name, level, packet, fields: eventFields(name), builtin: true, ...(transport && { transport }) };
  }
  const { base, name, fields } = event.event;
  if (base === undefined) return undefined;
  return {
    name,
    level: base.level,
    packet: "sometimes",
    fields: fields.flatMap((field) =>
      field.ir === undefined ? [] : { name: field.name, type: field.ir.type },
    ),
    builtin: false,
    ...(base.transport && { transport: base.transport }),
  };
}

/** Facts of all events that an NF hears; `complete` is false where some are unknown. */
export function heardBy(body: NfBody): { readonly facts: readonly EventFacts[]; readonly complete: boolean } {
  const known = body.subscriptions.map(({ event }) => (event === undefined ? undefined : eventFacts(event)));
  const facts = known.filter((one) => one !== undefined);
  return { facts, complete: facts.length === known.length };
}

/** What the event lacks for the field to have a value at all. */
export function lackedBy(field: FieldDef, facts: EventFacts): "packet" | "flow" | "stream" | undefined {
  switch (field.of) {
    case "packet":
      return facts.packet === "never" ? "packet" : undefined;
    case "flow":
      return facts.level === "none" ? "flow" : undefined;
    case "stream":
      return facts.level === "stream" ? undefined : "stream";
  }
}

/** Whether the event is about another transport than the field's header. */
export function isOtherTransport(field: FieldDef, facts: EventFacts): boolean {
  const { header } = field;
  if (header !== "tcp" && header !== "udp" && header !== "icmp") return false;
  return facts.transport !== undefined && facts.transport !== header;
}
