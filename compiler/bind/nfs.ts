/** Binds network functions: what they hear, publish, read, write and keep. */

import { fields as catalogFields } from "../catalog/fields.ts";
import { catalogEvent, catalogField } from "../catalog/lookup.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { AccessPart, Declaration, Name, NfDecl, NfPart, Ref, SubscribePart } from "../syntax/ast.ts";
import type {
  BoundAccess,
  BoundPublication,
  BoundSubscription,
  EventSymbol,
  NfBody,
  NfSymbol,
} from "./model.ts";
import { bindFields, type TypeContext } from "./types.ts";

export function bindNfs(
  context: TypeContext,
  events: ReadonlyMap<string, EventSymbol>,
  broken: ReadonlySet<Declaration>,
): readonly NfSymbol[] {
  const decls = context.table.declarations.filter((decl) => decl.kind === "nf");
  const bound = new Map<string, NfSymbol>();
  for (const decl of decls) {
    if (decl.instanceOf === undefined)
      bound.set(decl.name.text, bindBody(context, decl, events, broken.has(decl)));
  }
  for (const decl of decls) bindInstances(context, decl, bound);
  return decls.flatMap((decl) => bound.get(decl.name.text) ?? []);
}

/** Follows `nf c = b`, `nf b = a` to the NF with a body, and binds all on the way. */
function bindInstances(context: TypeContext, decl: NfDecl, bound: Map<string, NfSymbol>): void {
  const active: NfDecl[] = [];
  let origin: NfSymbol | undefined;
  for (let next: NfDecl | undefined = decl; next !== undefined; ) {
    const known = bound.get(next.name.text);
    if (known !== undefined) {
      origin = known.origin ?? known;
      break;
    }
    if (active.includes(next)) {
      const cycle = active.slice(active.indexOf(next));
      const closing = active.at(-1)?.instanceOf ?? next.name;
      context.report("MBX2015", closing.span, { cycle: [...cycle, next].map((one) => one.name.text) });
      break;
    }
    active.push(next);
    const target: ReturnType<TypeContext["resolver"]["resolve"]> =
      next.instanceOf === undefined ? undefined : context.resolver.resolve("nf", next.instanceOf);
    next = target?.kind === "nf" ? target : undefined;
  }
  for (const one of active) bound.set(one.name.text, instance(one, origin));
}

function instance(decl: NfDecl, origin: NfSymbol | undefined): NfSymbol {
  const name = decl.name.text;
  if (origin?.body === undefined) return { kind: "nf", name, decl, poisoned: true };
  return { kind: "nf", name, decl, origin, body: origin.body, poisoned: origin.poisoned };
}

function bindBody(
  context: TypeContext,
  decl: NfDecl,
  events: ReadonlyMap<string, EventSymbol>,
  broken: boolean,
): NfSymbol {
  const subscriptions: BoundSubscription[] = [];
  const publishes: BoundPublication[] = [];
  for (const part of decl.parts) {
    if (part.kind === "subscribe") subscriptions.push(bindSubscription(context, part, events));
    if (part.kind === "publish")
      publishes.push(...part.events.map((name) => bindPublication(context, name, events)));
  }
  const state = last(decl, "state");
  const onError = last(decl, "on_error")?.policy;
  const onOverload = last(decl, "on_overload")?.policy;
  const handler = last(decl, "handler")?.path;
  const run = last(decl, "run")?.command;
  const drops = last(decl, "drops")?.span;
  const redirects = last(decl, "redirects")?.span;
  const prepares = last(decl, "prepares")?.span;
  const body: NfBody = {
    subscriptions,
    publishes,
    reads: bindAccesses(context, decl, "reads"),
    writes: bindAccesses(context, decl, "writes"),
    state:
      state === undefined
        ? []
        : bindFields(context, state.fields, `the state of \`${decl.name.text}\``, decl.name.text),
    ...(drops === undefined ? {} : { drops }),
    ...(redirects === undefined ? {} : { redirects }),
    ...(prepares === undefined ? {} : { prepares }),
    links: decl.parts.flatMap((part) => (part.kind === "links" ? part.libraries : [])),
    ...(onError === undefined ? {} : { onError }),
    ...(onOverload === undefined ? {} : { onOverload }),
    ...(handler === undefined ? {} : { handler }),
    ...(run === undefined ? {} : { run }),
  };
  const lost =
    subscriptions.some((one) => one.event === undefined) ||
    publishes.some((one) => one.event === undefined && catalogEvent(one.name.text) === undefined);
  return { kind: "nf", name: decl.name.text, decl, body, poisoned: broken || lost };
}

/** The last part of a kind; that it stands there once is a rule of its own. */
function last<K extends NfPart["kind"]>(decl: NfDecl, kind: K): (NfPart & { readonly kind: K }) | undefined {
  return decl.parts.findLast((part): part is NfPart & { readonly kind: K } => part.kind === kind);
}

function bindSubscription(
  context: TypeContext,
  part: SubscribePart,
  events: ReadonlyMap<string, EventSymbol>,
): BoundSubscription {
  const { event: name } = part;
  const callbacks =
    part.callbacks.length > 0 ? part.callbacks : [{ text: name.text.toLowerCase(), span: name.span }];
  const def = catalogEvent(name.text);
  if (def !== undefined) return { part, event: { kind: "builtin", def }, callbacks };
  const event = resolveEvent(context, name, events);
  return { part, ...(event === undefined ? {} : { event: { kind: "user", event } }), callbacks };
}

/** Only user events are published; that a name is a built-in one is a rule's to say. */
function bindPublication(
  context: TypeContext,
  name: Name,
  events: ReadonlyMap<string, EventSymbol>,
): BoundPublication {
  if (catalogEvent(name.text) !== undefined) return { name };
  const event = resolveEvent(context, name, events);
  return { name, ...(event === undefined ? {} : { event }) };
}

function resolveEvent(
  context: TypeContext,
  name: Name,
  events: ReadonlyMap<string, EventSymbol>,
): EventSymbol | undefined {
  const decl = context.resolver.resolve("event", name);
  return decl === undefined ? undefined : events.get(decl.name.text);
}

function bindAccesses(context: TypeContext, decl: NfDecl, kind: AccessPart["kind"]): readonly BoundAccess[] {
  const refs = decl.parts.flatMap((part) => (part.kind === kind ? part.refs : []));
  return refs.map((ref) => {
    const field = catalogField(dotted(ref));
    if (field !== undefined) return { ref, field };
    reportUnknownField(context, ref, kind);
    return { ref };
  });
}

export function dotted(ref: Ref): string {
  return ref.names.map((name) => name.text).join(".");
}

function reportUnknownField(context: TypeContext, ref: Ref, list: AccessPart["kind"]): void {
  const usable = catalogFields.filter((field) => (list === "reads" ? field.readable : field.writable));
  const names = usable.map((field) => field.name);
  const near = names.find((name) => name === `flow.${dotted(ref)}`) ?? nearest(dotted(ref), names);
  context.report(
    "MBX2018",
    ref.span,
    { name: dotted(ref), list },
    {
      ...(near === undefined
        ? {}
        : { help: { message: `\`${near}\` has a similar name`, fix: { span: ref.span, text: near } } }),
    },
  );
}
