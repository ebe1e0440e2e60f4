/** MBX6006, MBX6007: names of the generated code that meet each other, or are taken. */
import type { BoundField, NfBody, NfSymbol } from "../bind/model.ts";
import { enums as catalogEnums } from "../catalog/enums.ts";
import { events as catalogEvents } from "../catalog/events.ts";
import type { Span } from "../syntax/ast.ts";
import type { CheckContext, NfRule, ProgramRule } from "./context.ts";
import { eventFacts } from "./facts.ts";
import { libraryConstants, libraryTags } from "./library-names.ts";
import { isVerb, takenAs, takenInHandlers, takenInMessage, takenInModule } from "./reserved-words.ts";

/** A name of the generated code, and what it comes from. */
interface Generated {
  /** Structures have a space of names of their own in C; `prefix`: what stands before names. */
  readonly space: "structure" | "name" | "prefix";
  readonly name: string;
  readonly origin: string;
  readonly span?: Span;
}

export const generatedNamesDiffer: ProgramRule = (context) => {
  const first = new Map<string, Generated>();
  const told = new Set<string>();
  for (const one of generatedNames(context)) {
    const key = `${one.space} ${one.name}`;
    const previous = first.get(key);
    if (previous === undefined) {
      first.set(key, one);
      if (one.span !== undefined && isOfLibrary(one) && !told.has(one.origin)) {
        told.add(one.origin);
        const params = { name: one.name, what: `${one.origin} as`, taken: "a name of the library" };
        context.report("MBX6007", one.span, params);
      }
    } else if (one.span !== undefined && previous.origin !== one.origin) {
      const pair = `${previous.origin} ${one.origin}`;
      if (!told.has(pair)) reportMeeting(previous, one, one.span, context);
      told.add(pair).add(one.origin);
    }
  }
};

function isOfLibrary({ space, name }: Generated): boolean {
  if (space === "prefix") return false;
  return space === "structure" ? libraryTags.has(name) : libraryConstants.has(name);
}

function reportMeeting(previous: Generated, one: Generated, span: Span, { report }: CheckContext): void {
  report(
    "MBX6006",
    span,
    { name: one.name, one: previous.origin, other: one.origin },
    {
      ...(previous.span === undefined
        ? {}
        : { secondary: [{ span: previous.span, text: "the same name there" }] }),
    },
  );
}

function* generatedNames({ program }: CheckContext): Generator<Generated> {
  for (const event of catalogEvents) {
    yield { space: "structure", name: event.name.toLowerCase(), origin: `built-in event \`${event.name}\`` };
  }
  for (const one of catalogEnums) {
    yield* enumNames(one.name, one.members, `built-in enum \`${one.name}\``);
  }
  for (const constant of program.constants) {
    const { span } = constant.decl.name;
    yield { space: "name", name: constant.name, origin: `constant \`${constant.name}\``, span };
  }
  for (const one of program.enums) {
    const { span } = one.decl.name;
    yield { space: "structure", name: snake(one.name), origin: `enum \`${one.name}\``, span };
    yield* enumNames(one.name, one.ir.members, `enum \`${one.name}\``, span);
  }
  for (const event of program.events) {
    const { span } = event.decl.name;
    yield { space: "structure", name: event.name.toLowerCase(), origin: `event \`${event.name}\``, span };
    yield {
      space: "name",
      name: `EVENT_${event.name.toUpperCase()}`,
      origin: `event \`${event.name}\``,
      span,
    };
    for (const field of event.fields) yield* inPlaceEnum(event.name, field);
  }
  for (const nf of program.nfs) {
    if (nf.origin === undefined && nf.body !== undefined) yield* nfNames(nf, nf.body);
  }
  for (const chain of program.chains) {
    for (const { name } of chain.steps) {
      const origin = `\`${name.text}\` in chain \`${chain.name}\``;
      yield { space: "prefix", name: `${chain.name}_${name.text}`, origin, span: name.span };
    }
  }
}

/** Members as the C code has them: `TCP_STATE_CLOSED`. */
function* enumNames(
  name: string,
  members: readonly string[],
  origin: string,
  span?: Span,
): Generator<Generated> {
  const prefix = snake(name).toUpperCase();
  for (const member of members) {
    yield {
      space: "name",
      name: `${prefix}_${member.toUpperCase()}`,
      origin: `\`${member}\` of ${origin}`,
      ...(span === undefined ? {} : { span }),
    };
  }
}

/** `FlowEndReason` is `flow_end_reason`, `SEEN.what` is `seen_what`. */
function snake(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replace(".", "_")
    .toLowerCase();
}

function* inPlaceEnum(event: string, field: BoundField): Generator<Generated> {
  const type = field.ir?.type;
  if (type?.kind !== "enum" || type.enum.name !== `${event}.${field.name}`) return;
  const origin = `\`${type.enum.name}\``;
  yield { space: "structure", name: snake(type.enum.name), origin, span: field.decl.name.span };
  yield* enumNames(type.enum.name, type.enum.members, `\`${type.enum.name}\``, field.decl.name.span);
}

function* nfNames(nf: NfSymbol, body: NfBody): Generator<Generated> {
  const { span } = nf.decl.name;
  const origin = `network function \`${nf.name}\``;
  yield { space: "structure", name: `${nf.name}_ctx`, origin, span };
  if (body.state.length > 0) yield { space: "structure", name: `${nf.name}_state`, origin, span };
  if (body.prepares !== undefined) {
    yield { space: "structure", name: `${nf.name}_instance`, origin, span };
    for (const name of ["instance", "on_start", "on_stop"])
      yield { space: "name", name: `${nf.name}_${name}`, origin: `\`prepares\` of \`${nf.name}\``, span };
  }
  yield { space: "structure", name: `${nf.name}_calls`, origin, span };
  yield { space: "structure", name: `${nf.name}_callback`, origin, span };
  for (const verb of ["switch", "state", "drop_packet", "drop_flow", "reset_flow", "set_timer"]) {
    yield { space: "name", name: `${nf.name}_${verb}`, origin, span };
  }
  const published = new Set(body.publishes.map(({ name }) => name.text));
  for (const event of published) {
    yield { space: "name", name: `${nf.name}_publish_${event.toLowerCase()}`, origin, span };
  }
  for (const subscription of body.subscriptions) {
    for (const callback of subscription.callbacks) {
      if (callback.text === "ignore") continue;
      const of = `callback \`${callback.text}\` of \`${nf.name}\``;
      yield { space: "name", name: `${nf.name}_on_${callback.text}`, origin: of, span: callback.span };
      if (subscription.callbacks.length < 2) continue;
      const constant = `${nf.name}_${callback.text}`.toUpperCase();
      yield { space: "name", name: constant, origin: of, span: callback.span };
    }
  }
}

/** MBX6007 for what the whole program shares. */
export const sharedNamesAreFree: ProgramRule = ({ program, report }) => {
  for (const { name, decl } of program.constants) {
    const taken = takenAs(name) ?? takenInModule(name);
    if (taken !== undefined) report("MBX6007", decl.name.span, { name, what: "constant", taken });
  }
  for (const { name, decl } of program.enums) {
    const taken = takenAs(name) ?? takenAs(name.toLowerCase());
    if (taken !== undefined) report("MBX6007", decl.name.span, { name, what: "enum", taken });
  }
  for (const { name, decl, fields } of program.events) {
    const taken = takenAs(name.toLowerCase());
    if (taken !== undefined) report("MBX6007", decl.name.span, { name, what: "event", taken });
    for (const field of fields) {
      if (decl.fields.includes(field.decl)) reportField(field, report, takenInMessage(field.name));
    }
  }
};

function reportField(field: BoundField, report: CheckContext["report"], also?: string): void {
  const taken = takenAs(field.name) ?? also;
  if (taken !== undefined)
    report("MBX6007", field.decl.name.span, { name: field.name, what: "field", taken });
}

/** MBX6007, MBX6006 for what one NF is given. */
export const nfNamesAreFree: NfRule = (nf, body, { report }) => {
  const typescript = body.handler?.value.endsWith(".ts") === true;
  const taken = takenAs(nf.name) ?? (typescript ? takenInModule(nf.name) : undefined);
  if (taken !== undefined) {
    report("MBX6007", nf.decl.name.span, { name: nf.name, what: "network function", taken });
  }
  for (const field of body.state) reportField(field, report);
  const told = new Set<string>();
  for (const { callbacks } of body.subscriptions) {
    for (const callback of callbacks) {
      if (told.has(callback.text)) continue;
      told.add(callback.text);
      const as =
        (isVerb(callback.text) ? "a call that every handler has" : takenAs(callback.text)) ??
        (typescript ? takenInHandlers(callback.text) : undefined);
      if (as === undefined) continue;
      report("MBX6007", callback.span, { name: callback.text, what: "callback", taken: as });
    }
  }
  if (typescript) reportInterfaces(body, report);
  reportMemberMeetings(nf, body, report);
};

/** `SEEN` becomes the interface `Seen` and the class `SeenView` of each module that hears it. */
function reportInterfaces(body: NfBody, report: CheckContext["report"]): void {
  const names = [
    ...body.subscriptions.flatMap(({ event, part }) => (event?.kind === "user" ? part.event : [])),
    ...body.publishes.map(({ name }) => name),
  ];
  const first = new Map<string, string>();
  for (const name of names) {
    if (takenAs(name.text.toLowerCase()) !== undefined) continue;
    const type = interfaceName(name.text);
    const other = [type, `${type}View`, `${type}Fields`]
      .map((one) => first.get(one))
      .find((one) => one !== undefined && one !== name.text);
    const taken = takenInModule(type);
    if (taken !== undefined) {
      report("MBX6007", name.span, { name: type, what: `event \`${name.text}\` as`, taken });
    } else if (other !== undefined) {
      const [one, two] = [`event \`${other}\``, `event \`${name.text}\``];
      report("MBX6006", name.span, { name: type, one, other: two });
    }
    for (const one of [type, `${type}View`, `${type}Fields`]) first.set(one, name.text);
  }
}

/** As the generated TypeScript has it: `DPI_DETECT` is `DpiDetect`. */
function interfaceName(event: string): string {
  const parts = event.split("_").map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase());
  return parts.join("");
}

/** `reads flow.packets` becomes the member `flow_packets`, which an event may have too. */
function reportMemberMeetings(nf: NfSymbol, body: NfBody, report: CheckContext["report"]): void {
  for (const { ref, field } of body.reads) {
    const member = field?.name.replaceAll(".", "_");
    for (const { event } of body.subscriptions) {
      const facts = event === undefined ? undefined : eventFacts(event);
      if (facts === undefined || facts.builtin || !facts.fields.some((one) => one.name === member)) continue;
      report("MBX6006", ref.span, {
        name: member ?? "",
        one: `field \`${member}\` of ${facts.name}`,
        other: `\`${field?.name ?? ""}\` that \`${nf.name}\` reads`,
      });
      break;
    }
  }
}
