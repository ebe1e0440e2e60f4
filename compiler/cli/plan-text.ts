/** Says a plan in tables: what runs where, what was decided, and who asked for it. */
import type { FilterIr, FilterRef, LiteralIr } from "../ir/ir.ts";
import { instancesOf, ofOneInstance } from "../plan/instances.ts";
import type { ChainPlan, NfPlan, ProgramPlan, SlotPlan, StackPlan, StagePlan } from "../plan/plan.ts";
import { isNativeWorker } from "../plan/stages.ts";
import { table } from "./help.ts";
import { type Stream, styled } from "./output.ts";

export function planText(plan: ProgramPlan, to: Stream): string {
  return plan.chains.flatMap((chain) => [...chainText(plan, chain, to), ""]).join("\n");
}

function chainText(plan: ProgramPlan, chain: ChainPlan, to: Stream): readonly string[] {
  const { stack } = chain;
  const ports = [chain.near, chain.far].map((port) => plan.ports[port]).filter((port) => port !== undefined);
  const title = (text: string) => ["", styled(text, "bold", to.colour)];
  return [
    styled(`chain ${chain.name}`, "bold", to.colour),
    ...rows(
      [
        ["stack", `${stack.name}, ${stack.kind}`],
        ["ports", ports.length === 0 ? "none: reached by its stack's address" : ports.join(" <-> ")],
        ["match", stack.match === undefined ? "every packet" : filterText(stack.match)],
        ["malformed", chain.malformed],
        ...instancesRow(stack),
        ...(chain.handsOn === "all"
          ? [["hands on", "all that it forwards, to the next chain"] as const]
          : []),
        ...(chain.eventByEvent === true ? [["runs", "event by event: one packet's at a time"] as const] : []),
        [
          "flow mask",
          `${chain.slots.filter((slot) => slot.bit >= 0).length} slots in ${count(chain.maskWords, "word")}`,
        ],
      ],
      to,
    ),
    ...title("The stack does, because"),
    ...(stack.features.length === 0
      ? ["  nothing but forward packets"]
      : rows(
          stack.features.map((feature) => [feature.name, feature.askedBy.join("; ")] as const),
          to,
        )),
    ...title("Runs, in this order"),
    ...chain.stages.flatMap((stage) => stageText(chain, stage, to)),
    ...title("Subscriptions"),
    ...chain.slots.flatMap((slot) => slotText(slot, to)),
  ];
}

/** With one instance there is nothing to say. */
function instancesRow({ options }: StackPlan): readonly (readonly [string, string])[] {
  const cores = instancesOf(options);
  if (cores === 1) return [];
  const flows = ofOneInstance(options, "flows");
  const by = Number(options.fragments ?? 0) > 0 ? "addresses" : "addresses and ports";
  const each = flows > 0 ? `, ${count(flows, "flow")} each` : "";
  return [["instances", `${cores}${each}, shared out by ${by}`]];
}

function rows(pairs: readonly (readonly [string, string])[], to: Stream): readonly string[] {
  return table(pairs, to.width);
}

function stageText(chain: ChainPlan, { places, waitsFor }: StagePlan, to: Stream): readonly string[] {
  const nfs = places.flatMap((place) => chain.nfs[place] ?? []);
  const awaited = chain.nfs[waitsFor];
  return [
    ...rows(
      nfs.map((nf) => [nf.name, whereText(nf)] as const),
      to,
    ),
    ...(awaited === undefined ? [] : [`  packets wait here for ${awaited.name}`]),
  ];
}

function whereText(nf: NfPlan): string {
  const { links, prepares } = nf.ir;
  const uses = links.length === 0 ? [] : [`uses ${links.join(", ")}`];
  return [placeText(nf), ...(prepares ? ["prepares its instance"] : []), ...uses].join("; ");
}

function placeText(nf: NfPlan): string {
  if (isNativeWorker(nf)) return `C, on core ${nf.core}, ring ${nf.outlet}`;
  const where = nf.outlet >= 0 ? `TypeScript, in a worker, ring ${nf.outlet}` : "C, on the stack's core";
  return nf.core >= 0 ? `${where}, placed on core ${nf.core}` : where;
}

function slotText(slot: SlotPlan, to: Stream): readonly string[] {
  const callbacks = slot.callbacks.join(", ");
  const decided: string[] = [];
  if (slot.directions.length === 1) decided.push(`only what the ${slot.directions[0]} sends`);
  for (const filter of slot.atStart) decided.push(`once a flow: ${filterText(filter)}`);
  for (const filter of slot.perEvent) decided.push(`each event: ${filterText(filter)}`);
  if (slot.until >= 0) decided.push(`off after byte ${slot.until}`);
  if (slot.fromStart > 0) decided.push(`keeps ${slot.fromStart} bytes for a late choice`);
  if (slot.bit >= 0) decided.push(`bit ${slot.bit}`);
  return rows([[`${slot.nf}: ${slot.event} -> ${callbacks}`, decided.join("; ") || "all of them"]], to);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** A filter as its author would write it. */
export function filterText(filter: FilterIr): string {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.operands.map((one) => grouped(one, filter.kind)).join(` ${filter.kind} `);
    case "not":
      return `not ${grouped(filter.operand, "not")}`;
    case "compare":
      return `${refText(filter.left)} ${filter.operator} ${literalText(filter.right)}`;
    case "compare-refs":
      return `${refText(filter.left)} ${filter.operator} ${refText(filter.right)}`;
    case "in":
      return `${refText(filter.left)} in { ${filter.values.map(literalText).join(", ")} }`;
    case "truth":
      return refText(filter.ref);
  }
}

function grouped(filter: FilterIr, outer: "and" | "or" | "not"): string {
  const text = filterText(filter);
  const inner = filter.kind;
  return (inner === "and" || inner === "or") && inner !== outer ? `(${text})` : text;
}

function refText(ref: FilterRef): string {
  return ref.kind === "catalog" ? ref.field : ref.name;
}

function literalText(literal: LiteralIr): string {
  switch (literal.kind) {
    case "number":
      return literal.value.toString();
    case "bool":
      return String(literal.value);
    case "string":
      return JSON.stringify(literal.value);
    case "ip":
      return ipText(literal.version, literal.bytes, literal.prefix);
    case "mac":
      return literal.bytes.map(hexByte).join(":");
    case "member":
      return literal.member;
  }
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function ipText(version: 4 | 6, bytes: readonly number[], prefix: number): string {
  const whole = version === 4 ? 32 : 128;
  const address = version === 4 ? bytes.join(".") : ipv6Text(bytes);
  return prefix === whole ? address : `${address}/${prefix}`;
}

/** RFC 5952: lower case, no leading zeros, the longest run of zeros (two or more groups) as `::`. */
function ipv6Text(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.at < 0) return hex.join(":");
  return `${hex.slice(0, best.at).join(":")}::${hex.slice(best.at + best.length).join(":")}`;
}
