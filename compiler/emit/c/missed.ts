/**
 * What an NF that can ignore bytes has missed, told with `FLOW_GAP` before the
 * bytes with which it goes on. Positions up to which it has heard are kept for
 * each flow, subscription and direction (docs/internals/subscriptions.md).
 */
import type { ChainPlan, NfPlan, SlotPlan } from "../../plan/plan.ts";
import type { CFunction } from "./instance.ts";
import { anyBit } from "./masks.ts";
import { memberName } from "./names.ts";
import { recordStruct } from "./records.ts";

export function tellsMissed(slot: SlotPlan, event: string): boolean {
  return slot.heard >= 0 && event === "DATA_TCP";
}

function isSelected(slot: SlotPlan): string {
  const ignore = slot.callbacks.indexOf("ignore");
  return slot.stash < 0 ? "" : `f->callback[${slot.selector}] != ${ignore}`;
}

function directionOf(slot: SlotPlan): string {
  return slot.directions.length === 1 ? `e->dir == MBX_${slot.directions[0]?.toUpperCase()}` : "";
}

/** Behind the test of the slot's bit: bytes that go on where it is are heard, also where a filter keeps them back. */
export function advanceLines(slot: SlotPlan, mayBeOwed: boolean): readonly string[] {
  const at = `f->heard[${slot.heard}][e->dir]`;
  const owed = mayBeOwed && slot.stash >= 0 ? `!f->stash[${slot.stash}].owed` : "";
  const tests = [`${at} == e->offset`, isSelected(slot), owed].filter((test) => test !== "");
  return [`if (${tests.join(" && ")})`, `\t${at} += ((const struct event_data *)e)->len;`];
}

/** Before delivery: whatever lies between is told first; whoever is told may turn away. */
export function tellLines(slot: SlotPlan, call: string): readonly string[] {
  const at = `f->heard[${slot.heard}][e->dir]`;
  const end = "e->offset + ((const struct event_data *)e)->len";
  return [
    `if (unlikely(${at} != ${end})) {`,
    `\t${call}`,
    `\t${at} = e->offset;`,
    `\tif (f->callback[${slot.selector}] == ${slot.callbacks.indexOf("ignore")})`,
    "\t\treturn;",
    `\t${at} = ${end};`,
    "}",
  ];
}

/** A hole in what the stack delivers concerns whoever hears the bytes before it. */
export function holeLines(nf: NfPlan, prefix: string): readonly string[] {
  if (!nf.subscriptions.some((slot) => slot.heard >= 0)) return [];
  return [`if (!${prefix}_hole(f, e, r->length))`, "\treturn;"];
}

export function holeFunction(chain: ChainPlan, nf: NfPlan, prefix: string): readonly CFunction[] {
  const slots = nf.subscriptions.filter((slot) => slot.heard >= 0);
  if (slots.length === 0) return [];
  const others = nf.subscriptions.filter(
    (slot) => slot.event === "DATA_TCP" && slot.heard < 0 && slot.bit >= 0,
  );
  return [
    {
      text: `Whether a hole lies where \`${nf.name}\` goes on: else it is told with all else that was missed.`,
      inline: "inline ",
      signature: `bool ${prefix}_hole(struct ${chain.name}_flow *f, const struct event *e, uint64_t length)`,
      lines: [
        "bool hears = false;",
        "",
        ...slots.flatMap((slot) => {
          const at = `f->heard[${slot.heard}][e->dir]`;
          const tests = [anyBit("f", [slot.bit]), isSelected(slot), directionOf(slot)].filter(
            (test) => test !== "",
          );
          return [
            `if (${tests.join(" && ")}) {`,
            `\tif (${at} == e->offset)`,
            `\t\t${at} += length;`,
            `\thears |= ${at} == e->offset + length;`,
            "}",
          ];
        }),
        ...others.flatMap((slot) => [
          `if (${[anyBit("f", [slot.bit]), directionOf(slot)].filter((test) => test !== "").join(" && ")})`,
          "\thears = true;",
        ]),
        "return hears;",
      ],
    },
  ];
}

/** Makes the record of FLOW_GAP, and has it told by `calls`. */
export function missedLines(chain: ChainPlan, slot: SlotPlan, calls: readonly string[]): readonly string[] {
  const gap = recordStruct(chain, "FLOW_GAP");
  const data = recordStruct(chain, "DATA_TCP");
  const fields = (name: string): readonly string[] =>
    chain.records.find((record) => record.event === name)?.snapshot.map((field) => field.name) ?? [];
  const common = fields("FLOW_GAP").filter((name) => fields("DATA_TCP").includes(name));
  const at = `f->heard[${slot.heard}][e->dir]`;
  return [
    ...(common.length === 0 ? [] : [`const struct ${data} *from = (const struct ${data} *)e;`]),
    `struct ${gap} r = {.head = *e};`,
    "",
    "r.head.type = EVENT_FLOW_GAP;",
    "r.head.flags = EVENT_MISSED;",
    `r.head.offset = ${at};`,
    `r.length = e->offset - ${at};`,
    ...common.map((name) => `r.${memberName(name)} = from->${memberName(name)};`),
    ...calls,
  ];
}

export function missedName(prefix: string, slot: SlotPlan): string {
  return `${prefix}_missed_${slot.number}`;
}

export function missedText(slot: SlotPlan): string {
  return `FLOW_GAP for \`${slot.nf}\`: what lies between the bytes that it heard last and these.`;
}
