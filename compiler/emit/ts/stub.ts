/** What a handler in TypeScript imports (`NAME.gen.ts`), and the file it starts from. */
import type { ConstantIr, LiteralIr } from "../../ir/ir.ts";
import type { ProgramPlan, StubPlan } from "../../plan/plan.ts";
import { layoutHash } from "../../plan/wire.ts";
import { printLiteral } from "../c/filter-text.ts";
import { render } from "../template.ts";
import {
  contextMethods,
  publishLines,
  selectionFields,
  selectionMethods,
  selectionSetup,
} from "./context.ts";
import { keptFields, keptMethods, keptSetup, waitLines, waitsForKept } from "./kept.ts";
import { classView, memberOf, messageInterface, messageMembers } from "./messages.ts";
import { holeLines, passFields, passHelpers, passLines, passMethods, passSetup } from "./missed.ts";
import { stateLines } from "./state.ts";
import { constantName, helperTexts, interfaceName } from "./types.ts";

export function stubModule(program: ProgramPlan, stub: StubPlan, banner: string): string {
  const Nf = interfaceName(stub.nf.name);
  const methods = contextMethods(stub);
  const publishes = publishLines(stub);
  const states = stateLines(stub);
  const view = {
    banner,
    nf: stub.nf.name,
    Nf,
    layout: layoutHash(stub),
    constants: program.constants.map(constantView),
    messages: stub.messages.map((message) => ({
      doc: docComment(`${message.event}: ${message.doc}`),
      name: messageInterface(message.event),
      members: messageMembers(message),
    })),
    publishes: stub.publishes.map((event) => ({
      doc: docComment(`${event.name}, to publish: ${event.doc}`),
      name: `${interfaceName(event.name)}Fields`,
      members: [
        ...(event.flow ? [{ name: "flow", type: "Flow", doc: "The flow that it is about" }] : []),
        ...event.fields.map(memberOf),
      ],
    })),
    state: stub.state.map(memberOf),
    context: [
      ...(stub.publishes.length === 0
        ? []
        : [
            {
              doc: "Publishes an event: network functions behind this one in the path hear it",
              text: `readonly publish: { ${stub.publishes.map((event) => `${event.name}(fields: ${interfaceName(event.name)}Fields): void`).join("; ")} };`,
            },
          ]),
      ...methods.map((method) => ({ doc: method.doc, text: `${method.signature};` })),
      ...(stub.state.length === 0
        ? []
        : [
            {
              doc: "State of the flow: zero when it starts; the object is valid until the next call",
              text: `state(flow: Flow): ${Nf}State;`,
            },
          ]),
    ],
    handlers: stub.callbacks
      .filter((callback) => callback.event !== undefined)
      .map((callback) => ({
        name: callback.name,
        message: messageInterface(callback.event ?? ""),
        doc: `${callback.event}: ${stub.messages.find((one) => one.event === callback.event)?.doc.split("\n")[0] ?? ""}`,
      })),
    subscriptions: stub.nf.subscriptions.map((sub, number) => subscriptionView(stub, sub.event, number)),
    kinds: stub.nf.subscriptions.length,
    classes: stub.messages.map((message) => classView(stub, message)),
    ...(states.view === undefined ? {} : { stateView: states.view }),
    fields: [
      ...publishes.fields,
      ...states.fields,
      ...selectionFields(stub),
      ...passFields(stub),
      ...keptFields(stub),
    ],
    setup: [
      ...publishes.setup,
      ...states.setup,
      ...selectionSetup(stub),
      ...passSetup(stub),
      ...keptSetup(stub),
    ],
    methods: [
      ...methods,
      ...states.methods,
      ...selectionMethods(stub),
      ...passMethods(stub),
      ...keptMethods(stub),
    ],
    answers: methods.length > 0 || stub.publishes.length > 0,
    keeps: waitsForKept(stub),
    helpers: [] as readonly string[],
  };
  const body = render("ts/nf.gen.ts", view);
  return render("ts/nf.gen.ts", { ...view, helpers: [...passHelpers(stub), ...helpersFor(stub, body)] });
}

function subscriptionView(stub: StubPlan, event: string, number: number): object {
  const lines = waitLines(stub, number, dispatchLines(stub, number));
  return {
    number,
    class: `${messageInterface(event)}View`,
    text: event,
    lines,
    based: lines.some((line) => /\bbase\b/.test(line)),
  };
}

export function handlerModule(program: ProgramPlan, stub: StubPlan): string {
  return render("ts/handler.ts", {
    nf: stub.nf.name,
    doc: stub.nf.doc.split("\n")[0] ?? "",
    genFile: `${stub.nf.name}.gen.ts`,
    source: program.source,
    handlers: stub.callbacks
      .filter((callback) => callback.event !== undefined)
      .map((callback) => ({
        name: callback.name,
        doc: `${callback.event}: ${stub.messages.find((one) => one.event === callback.event)?.doc.split("\n")[0] ?? ""}`,
      })),
  });
}

/** Text helpers and names of enums that the body uses. */
function helpersFor(stub: StubPlan, body: string): readonly string[] {
  const fields = [
    ...stub.messages.flatMap((message) => [...message.fields, ...message.reads]),
    ...stub.publishes.flatMap((event) => event.fields),
    ...stub.state,
  ];
  const enums = new Map<string, string>();
  for (const field of fields)
    if (field.type.kind === "enum")
      enums.set(
        constantName(field.type.enum.name),
        `const ${constantName(field.type.enum.name)} = [${field.type.enum.members.map((member) => JSON.stringify(member)).join(", ")}] as const;`,
      );
  return [
    ...[...enums].filter(([name]) => body.includes(name)).map(([, text]) => text),
    ...Object.entries(helperTexts)
      .filter(([name]) => body.includes(`${name}(`))
      .map(([, text]) => text),
  ];
}

function docComment(text: string): string {
  const lines = text.trim().replaceAll("*/", "* /").split("\n");
  return lines.length === 1 ? `/** ${lines[0]} */\n` : `/**\n * ${lines.join("\n * ")}\n */\n`;
}

/** Calls the selected callback; a choice made here holds from the next event on. */
function dispatchLines(stub: StubPlan, number: number): readonly string[] {
  const sub = stub.nf.subscriptions[number];
  const callbacks = sub?.callbacks ?? [];
  const call = (name: string): string => `handlers.${name}(ctx, m${number});`;
  const hole = holeLines(stub, number);
  if (hole !== undefined) return hole;
  if (callbacks.length <= 1) return [call(callbacks[0] ?? "")];
  const cases = callbacks.flatMap((name, i) =>
    name === "ignore" ? [] : [`  case ${i}:`, `    ${call(name)}`, "    break;"],
  );
  return [...passLines(stub, number), `switch (ctx.selected(${number}, base)) {`, ...cases, "}"];
}

function constantView(constant: ConstantIr): object {
  const { value } = constant;
  const text = isList(value) ? `[${value.map(literalTs).join(", ")}] as const` : literalTs(value);
  return { name: constant.name, value: text, doc: constant.doc === "" ? "" : docComment(constant.doc) };
}

function isList(value: ConstantIr["value"]): value is readonly LiteralIr[] {
  return Array.isArray(value);
}

function literalTs(literal: LiteralIr): string {
  switch (literal.kind) {
    case "number":
    case "bool":
      return printLiteral(literal);
    case "string":
      return JSON.stringify(literal.value);
    default:
      return JSON.stringify(printLiteral(literal));
  }
}
