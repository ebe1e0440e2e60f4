/** What a handler in C includes (`NAME.gen.h`), and the file it starts from. */
import type { ConstantIr, LiteralIr } from "../../ir/ir.ts";
import type { EventPlan, FieldPlan, ProgramPlan, StubPlan } from "../../plan/plan.ts";
import { render } from "../template.ts";
import { numberC } from "./filters.ts";
import { comment, enumMember, enumName, lower, memberName, messageMember, upper } from "./names.ts";

/** A call that a handler may make; what an NF did not declare is not in the list. */
export interface CallC {
  readonly kind:
    | "switch"
    | "publish"
    | "state"
    | "instance"
    | "drop_packet"
    | "drop_flow"
    | "reset_flow"
    | "set_timer"
    | "set";
  /** Without the NF's name: `publish_ids_alert`. */
  readonly name: string;
  /** Event of `publish`, field of `set`. */
  readonly subject: string;
  readonly result: string;
  readonly parameters: string;
  /** The parameters' names, to pass them on. */
  readonly arguments: string;
  readonly doc: string;
}

export function callsOf(stub: StubPlan): readonly CallC[] {
  const ctx = `struct ${stub.nf.name}_ctx *ctx`;
  const flow = "struct mbx_flow flow";
  const calls: CallC[] = [];
  const add = (call: Omit<CallC, "result" | "subject"> & { result?: string; subject?: string }): void => {
    calls.push({ result: "void ", subject: "", ...call });
  };
  if (stub.callbacks.some((callback) => callback.name === "ignore") || hasChoice(stub))
    add({
      kind: "switch",
      name: "switch",
      parameters: `${ctx}, ${flow}, enum ${stub.nf.name}_callback to`,
      arguments: "ctx, flow, to",
      doc: "Selects the callback that hears the flow from the next event on.",
    });
  for (const event of stub.publishes)
    add({
      kind: "publish",
      name: `publish_${lower(event.name)}`,
      subject: event.name,
      parameters: `${ctx}, const struct ${lower(event.name)} *e`,
      arguments: "ctx, e",
      doc: `Publishes ${event.name}: later network functions hear it before the event being handled.`,
    });
  if (stub.state.length > 0)
    add({
      kind: "state",
      name: "state",
      result: `struct ${stub.nf.name}_state *`,
      parameters: `${ctx}, ${flow}`,
      arguments: "ctx, flow",
      doc: "State of the flow: zero when it starts, gone when it ends. Never NULL; of an ended flow it is a scratch.",
    });
  if (stub.nf.prepares)
    add({
      kind: "instance",
      name: "instance",
      result: `struct ${stub.nf.name}_instance *`,
      parameters: ctx,
      arguments: "ctx",
      doc: `What ${stub.nf.name}_on_start() gave for this instance.`,
    });
  if (stub.nf.drops) {
    add({
      kind: "drop_packet",
      name: "drop_packet",
      parameters: ctx,
      arguments: "ctx",
      doc: "Drops the packet that caused the event. On DATA_TCP what is sent again is dropped too.",
    });
    add({
      kind: "drop_flow",
      name: "drop_flow",
      parameters: `${ctx}, ${flow}`,
      arguments: "ctx, flow",
      doc: "Drops the packet that caused the event and all later ones of the flow.",
    });
    add({
      kind: "reset_flow",
      name: "reset_flow",
      parameters: `${ctx}, ${flow}`,
      arguments: "ctx, flow",
      doc: "Drops the flow, and sends a reset to both ends.",
    });
  }
  if (stub.timers)
    add({
      kind: "set_timer",
      name: "set_timer",
      parameters: `${ctx}, ${flow}, uint32_t milliseconds`,
      arguments: "ctx, flow, milliseconds",
      doc: "TIMER for the flow after so many milliseconds; again moves it, 0 cancels it.",
    });
  for (const field of stub.setters) add(setter(field, ctx));
  return calls;
}

/** Whether some subscription has more than one callback. */
export function hasChoice(stub: StubPlan): boolean {
  return stub.nf.subscriptions.some((sub) => sub.callbacks.length > 1);
}

function setter(field: FieldPlan, ctx: string): Omit<CallC, "result" | "subject"> & { subject: string } {
  const name = memberName(field.name);
  if (field.name === "payload")
    return {
      kind: "set",
      name: "set_payload",
      subject: field.name,
      parameters: `${ctx}, uint32_t offset, const uint8_t *bytes, uint32_t len`,
      arguments: "ctx, offset, bytes, len",
      doc: "Overwrites payload bytes of the causing packet; its length and its checksum stay right.",
    };
  const [member] = messageMember({ ...field, name: "value" });
  return {
    kind: "set",
    name: `set_${name}`,
    subject: field.name,
    parameters: `${ctx}, ${member?.replace(/;$/, "")}`,
    arguments: "ctx, value",
    doc: `Writes ${field.name} of the causing packet; checksums stay right.`,
  };
}

export function stubHeader(program: ProgramPlan, stub: StubPlan, banner: string): string {
  const name = stub.nf.name;
  return render("c/nf.gen.h", {
    banner,
    nf: name,
    handler: handlerName(stub),
    constants: program.constants.flatMap(constantLines),
    enums: enumsOf(stub).map((def) => ({
      doc: comment(def.doc),
      name: enumName(def),
      members: def.members.map((member, i) => `${enumMember(def, member)} = ${i},`),
    })),
    messages: messagesOf(stub),
    callbacks: hasChoice(stub)
      ? stub.callbacks.map((callback) => `${upper(name)}_${upper(callback.name)}`)
      : [],
    state: stub.state.map((field) => ({
      doc: comment(field.doc, "\t"),
      text: messageMember(field).join(" "),
    })),
    calls: callsOf(stub).map((call) => ({
      doc: call.doc,
      signature: `${call.result}${name}_${call.name}(${call.parameters})`,
    })),
    prepares: stub.nf.prepares,
    handlers: handlerSignatures(stub),
    lost: mayBeTold(stub),
  });
}

/** The callback `lost` needs no subscription, unless one has taken its name. */
export function mayBeTold(stub: StubPlan): boolean {
  return !stub.callbacks.some((callback) => callback.name === LOST);
}

export const LOST = "lost";

export function handlerFile(program: ProgramPlan, stub: StubPlan): string {
  return render("c/handler.c", {
    nf: stub.nf.name,
    doc: stub.nf.doc.split("\n")[0] ?? "",
    header: `${stub.nf.name}.gen.h`,
    source: program.source,
    prepares: stub.nf.prepares,
    handlers: handlerSignatures(stub),
  });
}

interface Handler {
  readonly doc: string;
  readonly signature: string;
}

function handlerSignatures(stub: StubPlan): readonly Handler[] {
  return stub.callbacks.flatMap((callback) => {
    if (callback.event === undefined) return [];
    const message = stub.messages.find((one) => one.event === callback.event);
    return [
      {
        doc: `${callback.event}: ${message?.doc.split("\n")[0] ?? ""}`,
        signature: `void ${stub.nf.name}_on_${callback.name}(struct ${stub.nf.name}_ctx *ctx, const struct ${lower(callback.event)} *m)`,
      },
    ];
  });
}

function handlerName(stub: StubPlan): string {
  return stub.nf.handler.language === "run" ? "" : stub.nf.handler.written;
}

/** Enums that messages, publications and state of this NF use. */
function enumsOf(
  stub: StubPlan,
): readonly { readonly name: string; readonly members: readonly string[]; readonly doc: string }[] {
  const fields = [
    ...stub.messages.flatMap((message) => [...message.fields, ...message.reads]),
    ...stub.publishes.flatMap((event) => event.fields),
    ...stub.state,
  ];
  const found = new Map<string, { name: string; members: readonly string[]; doc: string }>();
  for (const field of fields)
    if (field.type.kind === "enum" && field.type.enum.name !== "Direction")
      found.set(field.type.enum.name, field.type.enum);
  return [...found.values()];
}

interface Message {
  readonly doc: string;
  readonly name: string;
  readonly members: readonly { readonly doc: string; readonly text: string }[];
}

function messagesOf(stub: StubPlan): readonly Message[] {
  const heard = stub.messages.map(
    (message): Message => ({
      doc: comment(`${message.event}: ${message.doc}`),
      name: lower(message.event),
      members: [...standardMembers, ...[...message.fields, ...message.reads].flatMap(memberView)],
    }),
  );
  const published = stub.publishes
    .filter((event) => !stub.messages.some((message) => message.event === event.name))
    .map(
      (event): Message => ({
        doc: comment(`${event.name}: ${event.doc}`),
        name: lower(event.name),
        members: [...(event.flow ? standardMembers.slice(0, 1) : []), ...event.fields.flatMap(memberView)],
      }),
    );
  return [...heard, ...published];
}

const standardMembers = [
  { doc: "", text: "struct mbx_flow flow;" },
  { doc: "", text: "uint64_t time; /* nanoseconds since 1970 */" },
];

function memberView(field: FieldPlan): readonly { readonly doc: string; readonly text: string }[] {
  const unit = field.unit === undefined ? "" : `, ${field.unit}`;
  return messageMember(field).map((text, i) => ({
    doc: i === 0 && field.doc !== "" ? comment(`${field.doc}${unit}`, "\t") : "",
    text,
  }));
}

function constantLines(constant: ConstantIr): readonly string[] {
  const { value } = constant;
  const doc = comment(constant.doc).trimEnd();
  const lines = doc === "" ? [] : [doc];
  if (isList(value)) {
    const first = value[0];
    if (first === undefined) return [];
    const type = typeOfLiteral(first);
    lines.push(
      `static const ${type}${constant.name}[] __attribute__((unused)) = { ${value.map(literalC).join(", ")} };`,
    );
  } else if (value.kind === "number" || value.kind === "bool" || value.kind === "member")
    lines.push(`#define ${constant.name} ${literalC(value)}`);
  else
    lines.push(
      `static const ${typeOfLiteral(value)}${constant.name} __attribute__((unused)) = ${literalC(value)};`,
    );
  return lines;
}

function isList(value: ConstantIr["value"]): value is readonly LiteralIr[] {
  return Array.isArray(value);
}

function typeOfLiteral(literal: LiteralIr): string {
  switch (literal.kind) {
    case "number":
      return "uint64_t ";
    case "bool":
      return "bool ";
    case "member":
      return "uint8_t ";
    case "string":
      return "char *const ";
    case "ip":
      return "struct mbx_ip ";
    case "mac":
      return "struct mbx_mac ";
  }
}

function literalC(literal: LiteralIr): string {
  switch (literal.kind) {
    case "number":
      return numberC(literal.value);
    case "bool":
      return String(literal.value);
    case "member":
      return `${literal.value} /* ${literal.member} */`;
    case "string":
      return JSON.stringify(literal.value);
    case "ip":
      return `{.bytes = {${literal.bytes.join(", ")}}, .version = ${literal.version}}`;
    case "mac":
      return `{.bytes = {${literal.bytes.join(", ")}}}`;
  }
}

export type { EventPlan };
