/**
 * The reference page of events, fields, enums, stacks and options, as Markdown.
 * `docs/language/events.md` is this text; a test compares, and writes it anew
 * with MBX_BLESS=1.
 */
import { enums } from "./enums.ts";
import { events } from "./events.ts";
import { fields } from "./fields.ts";
import { options } from "./options.ts";
import { stacks } from "./stacks.ts";
import type { BuiltinType, EventDef, EventFieldDef, FieldDef, OptionDef } from "./types.ts";

export function referencePage(): string {
  return [
    "<!-- Generated from compiler/catalog; a test compares. -->",
    "",
    "# Events, fields, stacks and options",
    "",
    "What the language has built in. How it is used is in [the reference](reference.md).",
    "",
    ...eventSection(),
    ...fieldSection(),
    ...enumSection(),
    ...stackSection(),
    ...optionSection(),
  ].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}

function code(text: string): string {
  return `\`${text}\``;
}

function typeText(type: BuiltinType): string {
  return type.startsWith("enum:") ? `[${code(type.slice(5))}](#enums)` : code(type);
}

function eventSection(): readonly string[] {
  return [
    "## Events",
    "",
    "```",
    ...eventTree(),
    "```",
    "",
    "Who subscribes to an event hears it and all events below it, each once, as its most derived event. A group is never raised itself and cannot be subscribed to. *Packet* says whether a packet caused the event, which decides where a verdict can stand.",
    "",
    ...table(
      ["Event", "Raised by", "Packet", "", "Own fields"],
      events.map((event) => [
        code(event.name),
        event.subscribable ? event.raisedBy.join(", ") : "– (a group)",
        event.packet,
        `${event.doc}${event.extensible ? ". *Can be extended.*" : "."}`,
        event.fields.map(fieldText).join("<br>"),
      ]),
    ),
  ];
}

function fieldText(field: EventFieldDef): string {
  const unit = field.unit === undefined ? "" : ` (${field.unit})`;
  return `${code(field.name)} ${typeText(field.type)}${unit}: ${field.doc}`;
}

function eventTree(): readonly string[] {
  const below = (name: string | undefined): readonly EventDef[] =>
    events.filter((event) => event.parent === name);
  const lines: string[] = [];
  const draw = (event: EventDef, indent: string, last: boolean, root: boolean): void => {
    lines.push(root ? event.name : `${indent}${last ? "└─" : "├─"} ${event.name}`);
    const children = below(event.name);
    const deeper = root ? "" : `${indent}${last ? "   " : "│  "}`;
    for (const [index, child] of children.entries())
      draw(child, deeper, index === children.length - 1, false);
  };
  for (const event of below(undefined)) draw(event, "", true, true);
  return lines;
}

function fieldSection(): readonly string[] {
  return [
    "## Fields",
    "",
    "What filters test and what `reads` and `writes` name. A comparison on an absent header is false. *Once a flow* says that a filter on the field is decided when the flow starts.",
    "",
    ...table(
      ["Field", "Type", "Filter", "Reads", "Writes", "Once a flow", ""],
      fields.map((field) => [
        code(field.name),
        typeText(field.type),
        filterText(field),
        mark(field.readable),
        mark(field.writable),
        mark(field.stage === "flow-constant"),
        `${field.doc}${field.unit === undefined ? "" : ` (${field.unit})`}`,
      ]),
    ),
  ];
}

function filterText(field: FieldDef): string {
  if (!field.filterable) return "";
  return field.eitherEnd ? "`==` `in`" : "yes";
}

function mark(yes: boolean): string {
  return yes ? "yes" : "";
}

function enumSection(): readonly string[] {
  return [
    "## Enums",
    "",
    ...table(
      ["Enum", "Members", ""],
      enums.map((one) => [code(one.name), one.members.map(code).join(" "), one.doc]),
    ),
  ];
}

function stackSection(): readonly string[] {
  return [
    "## Stacks",
    "",
    ...table(
      ["Kind", "Does the work of", "Built", ""],
      stacks.map((stack) => [
        code(stack.kind),
        stack.includes
          .filter((kind) => kind !== stack.kind)
          .map(code)
          .join(" "),
        stack.built ? "yes" : "checked only",
        stack.doc,
      ]),
    ),
  ];
}

function optionSection(): readonly string[] {
  return [
    "## Options",
    "",
    ...table(
      ["Option", "Stacks", "Value", "Default", ""],
      options.map((option) => [
        code(option.name),
        option.stacks.join(", "),
        valueText(option),
        defaultText(option),
        option.doc,
      ]),
    ),
  ];
}

function valueText(option: OptionDef): string {
  const { value } = option;
  switch (value.kind) {
    case "filter":
      return "a filter of packet fields";
    case "word":
      return value.words.map(code).join(" ");
    case "words":
      return `${code(value.none)} ${code(value.all)}, or of ${value.words.map(code).join(" ")} one, or several in braces`;
    case "addresses":
      return "an address, or a constant with addresses";
    case "ports":
      return "a port, or a constant with ports";
    case "count":
    case "size":
    case "duration":
      return `${inUnits(value.min, value.kind)} to ${inUnits(value.max, value.kind)}`;
  }
}

function defaultText(option: OptionDef): string {
  if (option.required === true) return "must be given";
  if (option.default === undefined) return "";
  if (typeof option.default === "string") return code(option.default);
  if (typeof option.default !== "number") return option.default.length === 0 ? code("none") : "";
  const { kind } = option.value;
  return code(
    kind === "size" || kind === "duration" ? inUnits(option.default, kind) : inUnits(option.default, "count"),
  );
}

const sizeUnits = [
  ["GB", 1024 ** 3],
  ["MB", 1024 ** 2],
  ["KB", 1024],
  ["B", 1],
] as const;
const durationUnits = [
  ["h", 3600e9],
  ["m", 60e9],
  ["s", 1e9],
  ["ms", 1e6],
  ["us", 1e3],
  ["ns", 1],
] as const;

/** A value in base units as an author writes it: `64MB`, `60s`, `65_536`. */
export function inUnits(value: number, kind: "count" | "size" | "duration"): string {
  const units = kind === "size" ? sizeUnits : kind === "duration" ? durationUnits : [];
  for (const [unit, size] of units) {
    if (value >= size && value % size === 0 && !isClumsy(value, size)) return `${value / size}${unit}`;
  }
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, "_");
}

/** `60s` reads better than `1m`. */
function isClumsy(value: number, size: number): boolean {
  return size === 60e9 && value < 5 * size;
}
