/** MBX3007 to MBX3015: subscriptions and publications of one NF. */

import type { BoundSubscription } from "../bind/model.ts";
import { events as catalogEvents } from "../catalog/events.ts";
import { catalogEvent } from "../catalog/lookup.ts";
import type { Name } from "../syntax/ast.ts";
import type { CheckContext, NfRule } from "./context.ts";
import { eventFacts, heardBy } from "./facts.ts";

export const subscribesToSomething: NfRule = (nf, body, { report }) => {
  if (nf.poisoned || body.subscriptions.length > 0 || body.run !== undefined) return;
  report("MBX3015", nf.decl.name.span, { nf: nf.name });
};

export const groupsAreNotHeard: NfRule = (_nf, body, { report }) => {
  for (const { part, event } of body.subscriptions) {
    if (event?.kind !== "builtin" || event.def.subscribable) continue;
    const below = catalogEvents.filter((one) => one.parent === event.def.name && one.subscribable);
    report(
      "MBX3007",
      part.event.span,
      { event: event.def.name },
      {
        help: { message: `subscribe to ${below.map((one) => `\`${one.name}\``).join(", ")}` },
      },
    );
  }
};

export const userEventsArePublished: NfRule = (nf, body, { report }) => {
  for (const { name } of body.publishes) {
    if (catalogEvent(name.text) !== undefined)
      report("MBX3008", name.span, { event: name.text, nf: nf.name });
  }
};

export const publicationsAreListedOnce: NfRule = (_nf, body, { report }) => {
  const seen = new Set<string>();
  for (const { name } of body.publishes) {
    if (seen.has(name.text)) report("MBX2017", name.span, { list: "publish", name: name.text });
    seen.add(name.text);
  }
};

/** MBX3009: what is published inherits its flow from what is being handled. */
export const publicationsHaveTheirFlow: NfRule = (nf, body, { report }) => {
  const { facts, complete } = heardBy(body);
  if (!complete || facts.length === 0 || facts.some((one) => one.level !== "none")) return;
  for (const { name, event } of body.publishes) {
    if (event?.base === undefined || event.base.level === "none") continue;
    report("MBX3009", name.span, { event: event.name, nf: nf.name, base: event.base.name });
  }
};

export const callbacksHaveSense: NfRule = (_nf, body, context) => {
  const firstUse = new Map<string, { readonly name: Name; readonly event: string }>();
  for (const subscription of body.subscriptions) {
    checkCallbackList(subscription, context);
    const event = subscription.part.event.text;
    for (const callback of subscription.callbacks) {
      if (callback.text === "ignore") continue;
      const previous = firstUse.get(callback.text);
      if (previous === undefined) {
        firstUse.set(callback.text, { name: callback, event });
      } else if (previous.event !== event) {
        context.report(
          "MBX3013",
          callback.span,
          { callback: callback.text, event, other: previous.event },
          {
            secondary: [{ span: previous.name.span, text: `for ${previous.event} here` }],
          },
        );
      }
    }
  }
};

function checkCallbackList({ part, event, callbacks }: BoundSubscription, { report }: CheckContext): void {
  const seen = new Set<string>();
  let repeated = false;
  for (const callback of callbacks) {
    if (seen.has(callback.text)) {
      repeated = true;
      report("MBX3014", callback.span, { callback: callback.text });
    }
    seen.add(callback.text);
  }
  if (!repeated && seen.size === 1 && seen.has("ignore")) {
    report("MBX3010", callbacks[0]?.span ?? part.span, { event: part.event.text });
    return;
  }
  const facts = event === undefined ? undefined : eventFacts(event);
  if (seen.size > 1 && facts?.level === "none") {
    const reason = "it belongs to no flow";
    report("MBX3012", callbacks[1]?.span ?? part.span, { event: facts.name, reason });
  }
}

export const fromStartKeepsSomething: NfRule = (_nf, body, { report }) => {
  for (const { part, event, callbacks } of body.subscriptions) {
    const facts = event === undefined ? undefined : eventFacts(event);
    if (part.fromStart === undefined || facts === undefined) continue;
    const { span } = part.fromStart;
    if (facts.level !== "stream") {
      report("MBX3011", span, { reason: `${facts.name} carries no bytes of a stream` });
    } else if (callbacks[0]?.text !== "ignore" && callbacks.some((one) => one.text === "ignore")) {
      report("MBX3011", span, { reason: "`ignore` is not the first callback, so no flow starts there" });
    } else if (callbacks[0]?.text !== "ignore") {
      report("MBX3011", span, { reason: "no flow starts at `ignore`" });
    } else if (part.fromStart.unit === "duration" || part.fromStart.value === 0n) {
      report("MBX3011", span, { reason: `\`${part.fromStart.text}\` is no size, as \`16KB\` is` });
    }
  }
};
