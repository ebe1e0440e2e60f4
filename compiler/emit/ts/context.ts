/** What a handler in TypeScript may do: methods that write answers into a ring. */
import { layoutFields, slotSize } from "../../plan/layout.ts";
import type { EventPlan, FieldPlan, StubPlan } from "../../plan/plan.ts";
import { messageOf, publishLayout, wireLayout } from "../../plan/wire.ts";
import { hasChoice } from "../c/stub.ts";
import { oweLines } from "./kept.ts";
import { interfaceName, propertyName, tsType, writeLines } from "./types.ts";

export interface Method {
  readonly doc: string;
  readonly signature: string;
  readonly lines: readonly string[];
}

export function contextMethods(stub: StubPlan): readonly Method[] {
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
        "const { u32 } = this.answers;",
        "const events = this.events.u32;",
        "const time = (this.at.base + 16) >> 2;",
        "const at = this.answer(5, 1, flow.index, flow.generation);",
        "u32[(at + 24) >> 2] = milliseconds;",
        "u32[(at + 32) >> 2] = events[time] as number;",
        "u32[(at + 36) >> 2] = events[time + 1] as number;",
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
    lines: [`this.answer(${kind}, 1, flow.index, flow.generation);`],
  };
}

/** The cause goes along where the event is DATA_TCP: verdict.c has its bits. */
function dropLines(stub: StubPlan): readonly string[] {
  const drop = "this.answer(1, 1, u32[(from + 4) >> 2] as number, u32[(from + 8) >> 2] as number);";
  const cases = stub.nf.subscriptions.flatMap((sub, i) => {
    if (sub.event !== "DATA_TCP") return [];
    const seq = wireLayout(stub, messageOf(stub, i)).fields.find((placed) => placed.field.name === "seq");
    return [
      `if (u16[from >> 1] === ${i}) {`,
      `  answers[(at + 24) >> 2] = u32[(from + ${seq?.offset ?? 0}) >> 2] as number;`,
      "  answers[(at + 28) >> 2] = 2 | (u8[from + 24] as number) | ((u8[from + 25] as number) & 4);",
      "}",
    ];
  });
  if (cases.length === 0) return ["const from = this.at.base;", "const { u32 } = this.events;", drop];
  return [
    "const from = this.at.base;",
    "const { u16, u32, u8 } = this.events;",
    "const answers = this.answers.u32;",
    `const at = ${drop}`,
    "answers[(at + 28) >> 2] = 0;",
    ...cases,
  ];
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
        `  const slots = 1 + Math.ceil(Math.max(0, part.length - 32) / ${slotSize});`,
        "  const at = this.answer(65535, slots, 0, 0);",
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
      `const at = this.answer(65535, ${layout.slots}, 0, 0);`,
      `this.answers.u8[at + 3] = ${number};`,
      ...(isBlock ? writeLines(field.type, 32, "value") : ["this.answers.u32[(at + 24) >> 2] = value;"]),
      "this.answers.u16[at >> 1] = 6;",
    ],
  };
}

export function publishLines(stub: StubPlan): {
  readonly fields: readonly string[];
  readonly setup: readonly string[];
} {
  if (stub.publishes.length === 0) return { fields: [], setup: [] };
  const Nf = interfaceName(stub.nf.name);
  return {
    fields: [`declare readonly publish: ${Nf}Context["publish"];`],
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
    "  const { u32 } = this.answers;",
    "  const events = this.events.u32;",
    "  const time = (this.at.base + 16) >> 2;",
    `  const at = this.answer(65535, ${layout.slots}, ${flow});`,
    "  u32[(at + 24) >> 2] = events[time] as number;",
    "  u32[(at + 28) >> 2] = events[time + 1] as number;",
    ...layout.fields.flatMap((placed) =>
      writeLines(placed.field.type, placed.offset, `fields.${propertyName(placed.field.name)}`).map(
        (line) => `  ${line}`,
      ),
    ),
    `  this.answers.u16[at >> 1] = ${64 + number};`,
    "},",
  ];
}

/** Choices made here hold at once; the dataplane learns of them with the next batch. */
export function selectionFields(stub: StubPlan): readonly string[] {
  return hasChoice(stub)
    ? [
        "/** By subscription and flow: its generation and the callback that it has chosen. */",
        "declare readonly choices: Int32Array[];",
      ]
    : [];
}

export function selectionSetup(stub: StubPlan): readonly string[] {
  return hasChoice(stub) ? [`this.choices = [${stub.nf.subscriptions.map(choicesOf).join(", ")}];`] : [];
}

/** Who has one callback chooses none. */
const choicesOf = ({ callbacks }: StubPlan["nf"]["subscriptions"][number]): string =>
  `new Int32Array(${callbacks.length > 1 ? "host.flows" : "0"})`;

export function selectionMethods(stub: StubPlan): readonly Method[] {
  if (!hasChoice(stub)) return [];
  return [
    {
      doc: "",
      signature: "selected(subscription: number, base: number): number",
      lines: ["return this.chosen(subscription, base) ?? (this.events.u8[base + 3] as number);"],
    },
    {
      doc: "",
      signature: "chosen(subscription: number, base: number): number | undefined",
      lines: [
        "const { u32 } = this.events;",
        "const chosen = this.choices[subscription]?.[u32[(base + 4) >> 2] as number];",
        "if (chosen === undefined || chosen >> 8 !== ((u32[(base + 8) >> 2] as number) & 0x3fffff)) return undefined;",
        "return chosen & 255;",
      ],
    },
    {
      doc: "",
      signature: "choose(flow: Flow, subscription: number, index: number): void",
      lines: [
        "const choices = this.choices[subscription] as Int32Array;",
        "choices[flow.index] = ((flow.generation & 0x3fffff) << 8) | index;",
        ...oweLines(stub),
        "const at = this.answer(4, 1, flow.index, flow.generation);",
        "this.answers.u8[at + 3] = index;",
        "this.answers.u16[(at + 20) >> 1] = subscription;",
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
