/** What the stubs of a handler need: its declaration alone, no chain. */
import { catalogField } from "../catalog/lookup.ts";
import type { NfIr, ProgramIr } from "../ir/ir.ts";
import { eventPlan, planCatalogField } from "./events.ts";
import type { CallbackPlan, EventPlan, MessagePlan, StubPlan } from "./plan.ts";

/** `users` are all NFs of the program that use this handler. */
export function planStub(
  ir: ProgramIr,
  events: readonly EventPlan[],
  nf: NfIr,
  users: readonly NfIr[],
): StubPlan {
  const heard = [...new Set(nf.subscriptions.map((sub) => sub.event))];
  const owner: NfIr = nf.name === nf.handlerOf ? nf : { ...nf, name: nf.handlerOf };
  return {
    nf: owner,
    instances: users.map((one) => one.name),
    messages: heard.map((name) => planMessage(eventPlan(events, name), nf)),
    publishes: nf.publishes.map((name) => eventPlan(events, name)),
    callbacks: planCallbacks(nf),
    state: nf.state,
    setters: nf.writes.map(planCatalogField),
    timers: nf.subscriptions.some((sub) => sub.event === "TIMER"),
    constants: ir.constants,
    enums: ir.enums,
  };
}

function planMessage(event: EventPlan, nf: NfIr): MessagePlan {
  return {
    event: event.name,
    flow: event.flow || event.name.startsWith("PKT"),
    hasDir: event.fields.some((field) => field.name === "dir"),
    fields: event.fields,
    reads: nf.reads.filter((ref) => canRead(ref, event)).map(planCatalogField),
    doc: event.doc,
  };
}

/** `stream.offset` says something only where there is a stream. */
export function canRead(ref: string, event: { readonly heard: readonly string[] }): boolean {
  return catalogField(ref)?.of !== "stream" || event.heard.includes("DATA_TCP");
}

function planCallbacks(nf: NfIr): readonly CallbackPlan[] {
  const byName = new Map<string, { at: { subscription: number; index: number }[]; event?: string }>();
  nf.subscriptions.forEach((sub, subscription) => {
    sub.callbacks.forEach((name, index) => {
      const entry = byName.get(name) ?? { at: [], ...(name === "ignore" ? {} : { event: sub.event }) };
      entry.at.push({ subscription, index });
      byName.set(name, entry);
    });
  });
  return [...byName].map(([name, entry]) => ({ name, ...entry }));
}
