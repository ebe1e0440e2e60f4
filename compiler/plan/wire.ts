/** How events of an NF in a worker, and what it publishes, lie in ring records. */
import { createHash } from "node:crypto";
import { type Layout, layoutFields } from "./layout.ts";
import type { EventPlan, FieldPlan, MessagePlan, StubPlan } from "./plan.ts";

/** Sequence number of the first byte: a drop names it, and no message shows it. */
export const seqField: FieldPlan = {
  name: "seq",
  type: { kind: "scalar", name: "u32" },
  doc: "Sequence number of the first byte",
};

/** Where an event stands in its burst's log: a worker in C names it with what it publishes. */
export const placeField: FieldPlan = {
  name: "mbx_place",
  type: { kind: "scalar", name: "u32" },
  doc: "Place in the log",
};

export function messageOf(stub: StubPlan, subscription: number): MessagePlan {
  const event = stub.nf.subscriptions[subscription]?.event;
  const message = stub.messages.find((one) => one.event === event);
  if (message === undefined) throw new Error(`${stub.nf.name} has no message for ${event}`);
  return message;
}

/** Fields behind the head of an event's record; `dir` is in the head. */
export function wireFields(stub: StubPlan, message: MessagePlan): readonly FieldPlan[] {
  const own = message.fields.filter((field) => field.name !== "dir");
  const seq = stub.nf.drops && message.event === "DATA_TCP" ? [seqField] : [];
  const place = stub.nf.handler.language === "c" && stub.publishes.length > 0 ? [placeField] : [];
  return [...place, ...own, ...message.reads, ...seq];
}

export function wireLayout(stub: StubPlan, message: MessagePlan): Layout {
  return layoutFields(wireFields(stub, message));
}

/** Fields behind the head of an ANSWER_PUBLISH. */
export function publishLayout(event: EventPlan): Layout {
  return layoutFields(event.fields);
}

/** Changes whenever the two sides of a ring would no longer agree. */
export function layoutHash(stub: StubPlan): string {
  const described = {
    subscriptions: stub.nf.subscriptions.map((sub, i) => ({
      event: sub.event,
      callbacks: sub.callbacks,
      layout: wireLayout(stub, messageOf(stub, i)),
    })),
    publishes: stub.publishes.map((event) => ({ event: event.name, layout: publishLayout(event) })),
    setters: stub.setters.map((field) => field.name),
    drops: stub.nf.drops,
    state: stub.state,
  };
  return createHash("sha256").update(JSON.stringify(described)).digest("hex").slice(0, 16);
}
