/** What a handler in TypeScript imports (`NAME.gen.ts`), and the file it starts from. */
import type { ConstantIr, LiteralIr } from "../../ir/ir.ts";
import { layoutFields, slotSize } from "../../plan/layout.ts";
import type { EventPlan, FieldPlan, MessagePlan, ProgramPlan, StubPlan } from "../../plan/plan.ts";
import { layoutHash, messageOf, publishLayout, wireLayout } from "../../plan/wire.ts";
import { printLiteral } from "../c/filter-text.ts";
import { hasChoice } from "../c/stub.ts";
import { render } from "../template.ts";
import {
  constantName,
  helperTexts,
  interfaceName,
  propertyDoc,
  propertyName,
  readLines,
  tsType,
  writeLines,
} from "./types.ts";

interface Member {
  readonly name: string;
  readonly type: string;
  readonly doc: string;
}

interface Method {
  readonly doc: string;
  readonly signature: string;
  readonly lines: readonly string[];
}

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
    subscriptions: stub.nf.subscriptions.map((sub, number) => ({
      number,
      class: `${messageInterface(sub.event)}View`,
      text: sub.event,
      lines: dispatchLines(stub, number),
    })),
    classes: stub.messages.map((message) => classView(stub, message)),
    fields: [...publishes.fields, ...states.fields, ...selectionFields(stub)],
    setup: [...publishes.setup, ...states.setup, ...selectionSetup(stub)],
    methods: [...methods, ...states.methods, ...selectionMethods(stub)],
    answers: methods.length > 0 || stub.publishes.length > 0,
    helpers: [] as readonly string[],
  };
  const body = render("ts/nf.gen.ts", view);
  return render("ts/nf.gen.ts", { ...view, helpers: helpersFor(stub, body) });
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

function messageInterface(event: string): string {
  return interfaceName(event);
}

function memberOf(field: FieldPlan): Member {
  return { name: propertyName(field.name), type: tsType(field.type), doc: propertyDoc(field) };
}

/** Bytes are read in place: the whole of packet memory, with a start and an end. */
function dataMembers(field: FieldPlan): readonly Member[] {
  const { start, end } = dataNames(field);
  return [
    { name: start, type: "number", doc: `Index in \`bytes\` of the first byte of ${field.name}` },
    { name: end, type: "number", doc: "Index behind the last byte" },
  ];
}

function dataNames(field: FieldPlan): { readonly start: string; readonly end: string } {
  return field.name === "data"
    ? { start: "start", end: "end" }
    : { start: `${propertyName(field.name)}Start`, end: `${propertyName(field.name)}End` };
}

function hasData(message: MessagePlan): boolean {
  return [...message.fields, ...message.reads].some((field) => field.type.kind === "data");
}

function messageMembers(message: MessagePlan): readonly Member[] {
  return [
    { name: "flow", type: "Flow", doc: "Its flow" },
    { name: "time", type: "number", doc: "When its packet came, milliseconds since 1970" },
    ...(hasData(message)
      ? [
          {
            name: "bytes",
            type: "Uint8Array",
            doc: "Packet memory: only the range that is named below is this message's",
          },
        ]
      : []),
    ...[...message.fields, ...message.reads].flatMap((field) =>
      field.type.kind === "data" ? dataMembers(field) : [memberOf(field)],
    ),
  ];
}

function classView(stub: StubPlan, message: MessagePlan): object {
  const layout = wireLayout(stub, message);
  const getters: { name: string; type: string; lines: readonly string[] }[] = [
    {
      name: "time",
      type: "number",
      lines: [
        "const at = (this.base + 16) >> 2;",
        "return ((this.u32[at + 1] as number) * 4294967296 + (this.u32[at] as number)) / 1e6;",
      ],
    },
  ];
  for (const field of message.fields)
    if (field.name === "dir")
      getters.push({ name: "dir", type: tsType(field.type), lines: readLines(field.type, 24) });
  for (const placed of layout.fields) {
    if (placed.field.name === "seq" && !message.fields.includes(placed.field)) continue;
    if (placed.field.type.kind === "data") {
      const { start, end } = dataNames(placed.field);
      const at = `(this.base + ${placed.offset}) >> 2`;
      getters.push(
        { name: start, type: "number", lines: [`return this.u32[${at}] as number;`] },
        {
          name: end,
          type: "number",
          lines: [`const at = ${at};`, "return (this.u32[at] as number) + (this.u32[at + 1] as number);"],
        },
      );
    } else
      getters.push({
        name: propertyName(placed.field.name),
        type: tsType(placed.field.type),
        lines: readLines(placed.field.type, placed.offset),
      });
  }
  return {
    class: `${messageInterface(message.event)}View`,
    name: messageInterface(message.event),
    bytes: hasData(message),
    getters,
    copies: copyLines(message),
  };
}

/** A copy has its own bytes, one run behind the other. */
function copyLines(message: MessagePlan): readonly string[] {
  const all = [...message.fields, ...message.reads];
  const data = all.filter((field) => field.type.kind === "data").map(dataNames);
  const lines = ["flow: this.flow.copy()", "time: this.time"];
  if (data.length === 1) {
    const [only] = data;
    lines.push(
      `bytes: this.bytes.slice(this.${only?.start}, this.${only?.end})`,
      `${only?.start}: 0`,
      `${only?.end}: this.${only?.end} - this.${only?.start}`,
    );
  } else if (data.length > 1) {
    const runs = data.map(({ start, end }) => `...this.bytes.subarray(this.${start}, this.${end})`);
    lines.push(`bytes: Uint8Array.from([${runs.join(", ")}])`);
    let before = "0";
    for (const { start, end } of data) {
      lines.push(`${start}: ${before}`, `${end}: ${before} + this.${end} - this.${start}`);
      before = `${before} + this.${end} - this.${start}`;
    }
  }
  for (const field of all)
    if (field.type.kind !== "data")
      lines.push(`${propertyName(field.name)}: this.${propertyName(field.name)}`);
  return lines;
}

/** Calls the selected callback; a choice made here holds from the next event on. */
function dispatchLines(stub: StubPlan, number: number): readonly string[] {
  const sub = stub.nf.subscriptions[number];
  const callbacks = sub?.callbacks ?? [];
  const call = (name: string): string => `handlers.${name}(ctx, m${number});`;
  if (callbacks.length <= 1) return [call(callbacks[0] ?? "")];
  const cases = callbacks.flatMap((name, i) =>
    name === "ignore" ? [] : [`  case ${i}:`, `    ${call(name)}`, "    break;"],
  );
  return [`switch (ctx.selected(${number}, base)) {`, ...cases, "}"];
}

function contextMethods(stub: StubPlan): readonly Method[] {
  const methods: Method[] = [];
  const { nf } = stub;
  if (hasChoice(stub)) methods.push(switchMethod(stub));
  if (nf.drops)
    methods.push(
      {
        doc: "Drops the packet that caused the event; on DATA_TCP what is sent again is dropped too",
        signature: "dropPacket(): void",
        lines: dropLines(stub),
      },
      verdict("dropFlow", 2, "Drops the packet that caused the event and all later ones of the flow"),
      verdict("resetFlow", 3, "Drops the flow, and sends a reset to both ends"),
    );
  if (stub.timers)
    methods.push({
      doc: "TIMER for the flow after so many milliseconds; again moves it, 0 cancels it",
      signature: "setTimer(flow: Flow, milliseconds: number): void",
      lines: [
        "const at = this.answer(1, flow.index, flow.generation);",
        "this.answers.u32[(at + 24) >> 2] = milliseconds;",
        "this.answers.u16[at >> 1] = 5;",
      ],
    });
  stub.setters.forEach((field, i) => {
    methods.push(setterMethod(field, i));
  });
  return methods;
}

function verdict(name: string, kind: number, doc: string): Method {
  return {
    doc,
    signature: `${name}(flow: Flow): void`,
    lines: [
      "const at = this.answer(1, flow.index, flow.generation);",
      `this.answers.u16[at >> 1] = ${kind};`,
    ],
  };
}

/** The cause goes along: sequence number and direction where the event is DATA_TCP. */
function dropLines(stub: StubPlan): readonly string[] {
  const lines = [
    "const from = this.base;",
    "const { u16, u32, u8 } = this.events;",
    "const at = this.answer(1, u32[(from + 4) >> 2] as number, u32[(from + 8) >> 2] as number);",
  ];
  const cases = stub.nf.subscriptions.flatMap((sub, i) => {
    if (sub.event !== "DATA_TCP") return [];
    const seq = wireLayout(stub, messageOf(stub, i)).fields.find((placed) => placed.field.name === "seq");
    return [
      `if (u16[from >> 1] === ${i}) {`,
      `  this.answers.u32[(at + 24) >> 2] = u32[(from + ${seq?.offset ?? 0}) >> 2] as number;`,
      "  this.answers.u32[(at + 28) >> 2] = 2 + (u8[from + 24] as number);",
      "}",
    ];
  });
  if (cases.length === 0) lines[1] = "const { u32 } = this.events;";
  return [...lines, ...cases, "this.answers.u16[at >> 1] = 1;"];
}

function setterMethod(field: FieldPlan, number: number): Method {
  const name = `set${propertyName(`x.${field.name}`).slice(1)}`;
  if (field.name === "payload")
    return {
      doc: "Overwrites payload bytes of the packet that caused the event; its length and checksum stay right",
      signature: `${name}(offset: number, bytes: Uint8Array): void`,
      lines: [
        "for (let done = 0; done < bytes.length; done += 448) {",
        "  const part = bytes.subarray(done, done + 448);",
        `  const at = this.answer(1 + Math.ceil(Math.max(0, part.length - 32) / ${slotSize}), 0, 0);`,
        `  this.answers.u8[at + 3] = ${number};`,
        "  this.answers.u16[(at + 22) >> 1] = part.length;",
        "  this.answers.u32[(at + 24) >> 2] = offset + done;",
        "  this.answers.u8.set(part, at + 32);",
        "  this.answers.u16[at >> 1] = 6;",
        "}",
      ],
    };
  const layout = layoutFields([field]);
  const isBlock = field.type.kind === "scalar" && (field.type.name === "ip" || field.type.name === "mac");
  return {
    doc: `Writes ${field.name} of the packet that caused the event; checksums stay right`,
    signature: `${name}(value: ${tsType(field.type)}): void`,
    lines: [
      `const at = this.answer(${layout.slots}, 0, 0);`,
      `this.answers.u8[at + 3] = ${number};`,
      ...(isBlock ? writeLines(field.type, 32, "value") : ["this.answers.u32[(at + 24) >> 2] = value;"]),
      "this.answers.u16[at >> 1] = 6;",
    ],
  };
}

function publishLines(stub: StubPlan): {
  readonly fields: readonly string[];
  readonly setup: readonly string[];
} {
  if (stub.publishes.length === 0) return { fields: [], setup: [] };
  const Nf = interfaceName(stub.nf.name);
  return {
    fields: [`readonly publish: ${Nf}Context["publish"];`],
    setup: [
      "this.publish = {",
      ...stub.publishes.flatMap((event, i) => publishMethod(event, i).map((line) => `  ${line}`)),
      "};",
    ],
  };
}

function publishMethod(event: EventPlan, number: number): readonly string[] {
  const layout = publishLayout(event);
  const flow = event.flow ? "fields.flow.index, fields.flow.generation" : "4294967295, 0";
  return [
    `${event.name}: (fields) => {`,
    `  const at = this.answer(${layout.slots}, ${flow});`,
    ...layout.fields.flatMap((placed) =>
      writeLines(placed.field.type, placed.offset, `fields.${propertyName(placed.field.name)}`).map(
        (line) => `  ${line}`,
      ),
    ),
    `  this.answers.u16[at >> 1] = ${64 + number};`,
    "},",
  ];
}

/** Per-flow state: one typed array, zeroed on first use of a flow's generation. */
function stateLines(stub: StubPlan): {
  readonly fields: readonly string[];
  readonly setup: readonly string[];
  readonly methods: readonly Method[];
} {
  if (stub.state.length === 0) return { fields: [], setup: [], methods: [] };
  const Nf = interfaceName(stub.nf.name);
  return {
    fields: [`readonly states: Map<number, { generation: number; state: ${Nf}State }> = new Map();`],
    setup: [],
    methods: [
      {
        doc: "",
        signature: `state(flow: Flow): ${Nf}State`,
        lines: [
          "const known = this.states.get(flow.index);",
          "if (known !== undefined && known.generation === flow.generation) return known.state;",
          `const state: ${Nf}State = { ${stub.state.map((field) => `${propertyName(field.name)}: ${zeroOf(field)}`).join(", ")} };`,
          "this.states.set(flow.index, { generation: flow.generation, state });",
          "return state;",
        ],
      },
    ],
  };
}

function zeroOf(field: FieldPlan): string {
  switch (tsType(field.type)) {
    case "number":
      return "0";
    case "boolean":
      return "false";
    case "string":
      return '""';
    case "Uint8Array":
      return "new Uint8Array(0)";
    default:
      return field.type.kind === "enum" ? JSON.stringify(field.type.enum.members[0] ?? "") : "0";
  }
}

/** Choices made here hold at once; the dataplane learns of them with the next batch. */
function selectionFields(stub: StubPlan): readonly string[] {
  return hasChoice(stub) ? ["readonly choices: Map<number, number>[];"] : [];
}

function selectionSetup(stub: StubPlan): readonly string[] {
  return hasChoice(stub)
    ? [`this.choices = [${stub.nf.subscriptions.map(() => "new Map()").join(", ")}];`]
    : [];
}

function selectionMethods(stub: StubPlan): readonly Method[] {
  if (!hasChoice(stub)) return [];
  return [
    {
      doc: "",
      signature: "selected(subscription: number, base: number): number",
      lines: [
        "const { u8, u32 } = this.events;",
        "const chosen = this.choices[subscription]?.get(u32[(base + 4) >> 2] as number);",
        "if (chosen !== undefined && chosen >> 8 === ((u32[(base + 8) >> 2] as number) & 0x3fffff)) return chosen & 255;",
        "return u8[base + 3] as number;",
      ],
    },
    {
      doc: "",
      signature: "choose(flow: Flow, subscription: number, index: number): void",
      lines: [
        "this.choices[subscription]?.set(flow.index, ((flow.generation & 0x3fffff) << 8) | index);",
        "const at = this.answer(1, flow.index, flow.generation);",
        "this.answers.u8[at + 3] = index;",
        "this.answers.u16[(at + 20) >> 1] = subscription;",
        "this.answers.u16[at >> 1] = 4;",
      ],
    },
  ];
}

function switchMethod(stub: StubPlan): Method {
  const names = stub.callbacks.filter((callback) =>
    callback.at.some((at) => (stub.nf.subscriptions[at.subscription]?.callbacks.length ?? 0) > 1),
  );
  const cases = names.flatMap((callback) => [
    `  case ${JSON.stringify(callback.name)}:`,
    ...callback.at.map(({ subscription, index }) => `    this.choose(flow, ${subscription}, ${index});`),
    "    break;",
  ]);
  return {
    doc: "Selects the callback that hears the flow from the next event on",
    signature: `switch(flow: Flow, to: ${names.map((callback) => JSON.stringify(callback.name)).join(" | ")}): void`,
    lines: ["switch (to) {", ...cases, "}"],
  };
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
