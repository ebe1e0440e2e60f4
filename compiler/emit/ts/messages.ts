/** Messages as handlers in TypeScript read them: interfaces, and views over a ring. */
import type { FieldPlan, MessagePlan, StubPlan } from "../../plan/plan.ts";
import { wireLayout } from "../../plan/wire.ts";
import { interfaceName, propertyDoc, propertyName, readLines, tsType } from "./types.ts";

export interface Member {
  readonly name: string;
  readonly type: string;
  readonly doc: string;
}

export function messageInterface(event: string): string {
  return interfaceName(event);
}

export function memberOf(field: FieldPlan): Member {
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

export function messageMembers(message: MessagePlan): readonly Member[] {
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

export function classView(stub: StubPlan, message: MessagePlan): object {
  const layout = wireLayout(stub, message);
  const getters: { name: string; type: string; lines: readonly string[] }[] = [
    {
      name: "time",
      type: "number",
      lines: [
        "const at = (this.at.base + 16) >> 2;",
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
      const at = `(this.at.base + ${placed.offset}) >> 2`;
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
export function copyLines(message: MessagePlan): readonly string[] {
  const all = [...message.fields, ...message.reads];
  const data = all.filter((field) => field.type.kind === "data").map(dataNames);
  const lines = ["flow: this.flow.copy()", "time: this.time"];
  if (data.length === 1) {
    const [only] = data;
    lines.push(
      `bytes: new Uint8Array(this.bytes.subarray(this.${only?.start}, this.${only?.end}))`,
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
