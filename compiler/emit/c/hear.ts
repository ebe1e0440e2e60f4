/**
 * Whether a network function hears a record, and what it reads of it: shared
 * by NFs in C and by those whose events go to a worker.
 */
import { eventPlan, planCatalogField } from "../../plan/events.ts";
import type { ChainPlan, EventPlan, FieldPlan, NfPlan, ProgramPlan, SlotPlan } from "../../plan/plan.ts";
import { canRead } from "../../plan/stub.ts";
import { fieldExpressions, type Scope } from "./fields.ts";
import { type FilterScope, filterC } from "./filters.ts";
import { isRecorded, publishers } from "./heard.ts";
import { clearBit, noBit } from "./masks.ts";
import { advanceLines, holeLines, tellsMissed } from "./missed.ts";
import { eventFieldC } from "./records.ts";
import { countLines, heardLines } from "./settling.ts";

/** One subscription and one event that it hears in this chain. */
export interface Hearing {
  readonly slot: SlotPlan;
  readonly event: EventPlan;
  /** Bits of those before it that may drop. */
  readonly droppers: bigint;
}

/** Names in generated hear functions: `e` head, `r` record, `p` packet, `f` the chain's flow. */
export function scopeOf(program: ProgramPlan, hearing: Hearing, burst: string): FilterScope {
  const { event } = hearing;
  const before = bitsC(hearing.droppers);
  return {
    dropped: hearing.droppers === 0n ? "false" : `!burst_hears(${burst}, e->packet, ${before})`,
    packet: "p",
    packetMayBeNull: !event.name.startsWith("PKT"),
    flow: "flow",
    flowMayBeNull: flowMayBeNull(event),
    event: "e",
    record: "r",
    eventField: (name) => heardField(program, hearing, name),
    eventType: (name) => fieldOf(eventPlan(program.events, hearing.slot.event), name).type,
  };
}

/**
 * A field of the subscribed event, read from the record. A user event has none of
 * the built-in event that it extends: heard as that one, its phase says so.
 */
function heardField(program: ProgramPlan, { slot, event }: Hearing, name: string): string {
  const subscribed = eventPlan(program.events, slot.event);
  if (!event.user || subscribed.user) return eventFieldC(subscribed, name);
  const { type } = fieldOf(subscribed, name);
  const published = type.kind === "enum" ? type.enum.members.indexOf("published") : -1;
  if (published < 0) throw new Error(`${event.name} has no ${name} to be heard as ${subscribed.name}`);
  return String(published);
}

function fieldOf(event: EventPlan, name: string): FieldPlan {
  const field = event.fields.find((one) => one.name === name);
  if (field === undefined) throw new Error(`${event.name} has no field ${name}`);
  return field;
}

/** A user event's flow may have ended before it is heard; a packet may have none. */
export function flowMayBeNull(event: EventPlan): boolean {
  return event.user || event.name.startsWith("PKT");
}

/** Each function's unit asks several times. */
const heardBy = new WeakMap<NfPlan, readonly Hearing[]>();

export function hearings(program: ProgramPlan, chain: ChainPlan, nf: NfPlan): readonly Hearing[] {
  const known = heardBy.get(nf);
  if (known !== undefined) return known;
  const droppers = upstreamDroppers(chain, nf);
  const heard = nf.subscriptions.flatMap((slot) =>
    slot.hears
      .map((name) => eventPlan(program.events, name))
      .filter((event) => isRecorded(chain, event.name) && isReachable(chain, nf, event))
      .map((event) => ({ slot, event, droppers })),
  );
  heardBy.set(nf, heard);
  return heard;
}

/** A user event is heard from NFs before this one only. */
function isReachable(chain: ChainPlan, nf: NfPlan, event: EventPlan): boolean {
  return !event.user || publishers(chain, event.name).some((place) => nf.upstream.includes(place));
}

/**
 * Statements that return when the subscription does not hear the record. `told`:
 * it was made for this network function; `context`: how a member of its context
 * is reached, as `nf->`.
 */
export function hearTests(
  program: ProgramPlan,
  chain: ChainPlan,
  nf: NfPlan,
  hearing: Hearing,
  context: string,
  told = false,
): readonly string[] {
  const { slot, event } = hearing;
  const burst = `${context}burst`;
  const lines: string[] = [];
  const stop = (test: string): void => {
    lines.push(`if (${test})`, "\treturn;");
  };
  if (slot.bit >= 0) {
    const off = noBit("f", [slot.bit]);
    stop(flowMayBeNull(event) ? `f != NULL && ${off}` : off);
  }
  if (event.name === "DATA_TCP" && slot.bit >= 0) lines.push(...heardLines(chain, slot));
  if (!told) lines.push(...countLines(chain, slot, event, `${context}chain->raised`));
  if (tellsMissed(slot, event.name)) lines.push(...advanceLines(slot, nf.outlet >= 0));
  if (event.name === "FLOW_GAP" && !told) lines.push(...holeLines(nf, `${chain.name}_${nf.name}`));
  if (event.name === "TIMER") stop(`e->target != ${nf.place}`);
  const from = publishers(chain, event.name);
  const heardFrom = from.filter((place) => nf.upstream.includes(place));
  if (event.user && heardFrom.length < from.length)
    stop(heardFrom.map((place) => `e->publisher != ${place}`).join(" && "));
  if (hearing.droppers !== 0n && (event.name === "DATA_TCP" || event.name.startsWith("PKT")))
    stop(`!burst_hears(${burst}, e->packet, ${bitsC(hearing.droppers)})`);
  lines.push(...untilTest(slot, event));
  const test = filterC(slot.perEvent, scopeOf(program, hearing, burst));
  if (test !== "") stop(negate(test));
  return lines;
}

/** Beyond its offset bound a subscription hears nothing any more: with the last bytes before it the bit goes off. */
function untilTest(slot: SlotPlan, event: EventPlan): readonly string[] {
  if (event.name !== "DATA_TCP" || slot.until < 0 || slot.bit < 0) return [];
  const side = slot.directions[0] === "client" ? "MBX_CLIENT" : "MBX_SERVER";
  return [
    `if (e->dir == ${side} && e->offset + ((const struct event_data *)e)->len >= ${slot.until}) {`,
    `\t${clearBit("f", slot.bit)}`,
    `\tif (e->offset >= ${slot.until})`,
    "\t\treturn;",
    "}",
  ];
}

function negate(test: string): string {
  return test.startsWith("(") && test.endsWith(")") && balanced(test) ? `!${test}` : `!(${test})`;
}

/** Whether the first parenthesis closes at the very end. */
function balanced(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")") depth--;
    if (depth === 0 && i < text.length - 1) return false;
  }
  return depth === 0;
}

const bitsC = (bits: bigint): string => `0x${bits.toString(16)}ull`;

export function upstreamDroppers(chain: ChainPlan, nf: NfPlan): bigint {
  return nf.upstream
    .map((place) => chain.nfs[place]?.block ?? -1)
    .filter((block) => block >= 0)
    .reduce((bits, block) => bits | (1n << BigInt(block)), 0n);
}

/** A field of a message with its C value. */
export interface MessageValue {
  readonly field: FieldPlan;
  readonly value: string;
  /** `data`: the second value, its length. */
  readonly length?: string;
  /** Must be copied with memcpy: it is a block of bytes. */
  readonly block: boolean;
}

/** Everything that the subscription's message holds, read from record, flow and packet. */
export function messageValues(
  program: ProgramPlan,
  nf: NfPlan,
  hearing: Hearing,
  burst: string,
): readonly MessageValue[] {
  const subscribed = eventPlan(program.events, hearing.slot.event);
  const own = subscribed.fields.map((field): MessageValue => {
    const value = heardField(program, hearing, field.name);
    if (field.type.kind === "data") return { field, value, length: "r->data.len", block: false };
    return { field, value, block: field.type.kind === "text" || field.type.kind === "bytes" };
  });
  const reads = nf.ir.reads
    .filter((ref) => canRead(ref, subscribed))
    .map((ref) => readValue(ref, scopeOf(program, hearing, burst)));
  return [...own, ...reads];
}

function readValue(ref: string, scope: Scope): MessageValue {
  const field = planCatalogField(ref);
  if (ref === "payload") {
    const whole = scope.packetMayBeNull ? "p != NULL ? " : "";
    const none = (zero: string): string => (scope.packetMayBeNull ? ` : ${zero}` : "");
    return {
      field,
      value: `${whole}packet_at(p, p->payload)${none("NULL")}`,
      length: `${whole}packet_payload_contiguous(p)${none("0")}`,
      block: false,
    };
  }
  const [expression] = fieldExpressions(ref, scope);
  if (expression === undefined) throw new Error(`no C for ${ref}`);
  const empty = emptyValue(field);
  const value =
    expression.guards.length === 0
      ? expression.value
      : `${expression.guards.join(" && ")} ? ${expression.value} : ${empty}`;
  return { field, value, block: false };
}

function emptyValue(field: FieldPlan): string {
  if (field.type.kind !== "scalar") return "0";
  if (field.type.name === "ip") return "(struct mbx_ip){.version = 0}";
  if (field.type.name === "mac") return "(struct mbx_mac){{0}}";
  return "0";
}
