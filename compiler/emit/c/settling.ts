/** Flows of which something was recorded that may lead to a switch, as C. */
import type { ChainPlan, EventPlan, NfPlan, RecordPlan, SlotPlan } from "../../plan/plan.ts";
import type { CFunction } from "./instance.ts";
import { anyBit } from "./masks.ts";

function isStirring({ stirring }: RecordPlan): boolean {
  return stirring.always || stirring.bits.length > 0 || stirring.ends.length > 0 || stirring.keeps.length > 0;
}

/** Asked for each subscription of a chain, and the same for all. */
const switches = new WeakMap<ChainPlan, boolean>();

/** Whether anything in the chain can change within a burst what the stack has to produce. */
export function hasSwitches(chain: ChainPlan): boolean {
  const known = switches.get(chain);
  if (known !== undefined) return known;
  const found = chain.stack.features.some((one) => one.name === "flows") && chain.records.some(isStirring);
  switches.set(chain, found);
  return found;
}

/** Whether delivered bytes are remembered, so that it matters who heard them. */
export function judgesBytes(chain: ChainPlan): boolean {
  const has = (name: string): boolean => chain.stack.features.some((one) => one.name === name);
  return hasSwitches(chain) && (has("drops") || has("overlap")) && (has("data_client") || has("data_server"));
}

/** Marks the flow of a record that may lead to a switch. */
export function stirLines(chain: ChainPlan, record: RecordPlan): readonly string[] {
  if (!hasSwitches(chain) || !isStirring(record)) return [];
  const { always, bits, ends, keeps } = record.stirring;
  const mayBeNull = record.event.startsWith("PKT");
  const mark = "f->stirred = s->round;";
  if (always) return mayBeNull ? ["if (f != NULL)", `\t${mark}`] : [mark];
  const tests = [
    ...(bits.length > 0 ? [anyBit("f", bits)] : []),
    ...ends.map(
      ({ bit, dir, until }) =>
        `(${anyBit("f", [bit])} && site->dir == MBX_${dir.toUpperCase()} && site->offset + site->length >= ${until})`,
    ),
    ...keeps.map(
      ({ bit, selector, ignore }) => `(${anyBit("f", [bit])} && f->callback[${selector}] == ${ignore})`,
    ),
  ];
  const test = tests.join(" || ");
  return [`if (${mayBeNull ? `f != NULL && (${test})` : test})`, `\t${mark}`];
}

/** Whether only the network functions' run shows if anybody hears a record of the stack. */
function isUncertain(chain: ChainPlan, event: string): boolean {
  return hasSwitches(chain) && !heardWithoutBit(chain).has(event);
}

const surelyHeard = new WeakMap<ChainPlan, ReadonlySet<string>>();

/** Events that somebody hears whatever the flow's mask says. */
function heardWithoutBit(chain: ChainPlan): ReadonlySet<string> {
  const known = surelyHeard.get(chain);
  if (known !== undefined) return known;
  const found = new Set(chain.slots.flatMap((slot) => (slot.bit < 0 ? slot.hears : [])));
  surelyHeard.set(chain, found);
  return found;
}

/**
 * A record that may turn out to be heard by nobody is counted by who hears it
 * first, and what is done with its bytes is decided when that is known.
 */
export function unsettledLines(chain: ChainPlan, record: RecordPlan, head: string): readonly string[] {
  const hearing = chain.slots.filter((slot) => slot.hears.includes(record.event)).map((slot) => slot.bit);
  const known = record.event.startsWith("PKT") ? ["f != NULL"] : [];
  const unsettled = [...known, "f->stirred == s->round"];
  const judge =
    record.event === "DATA_TCP" && judgesBytes(chain) ? [`${head}.flags |= EVENT_UNSETTLED;`] : [];
  const count = isUncertain(chain, record.event) ? [`${head}.flags |= EVENT_UNCOUNTED;`, "counted = 0;"] : [];
  /* Whom it is recorded for may not have begun to listen yet. */
  const isLate = record.bits.some((bit) => !hearing.includes(bit));
  return isLate
    ? [...guarded(unsettled, judge), ...guarded(known, count)]
    : guarded(unsettled, [...judge, ...count]);
}

function guarded(tests: readonly string[], lines: readonly string[]): readonly string[] {
  if (lines.length === 0 || tests.length === 0) return lines;
  const test = `if (${tests.join(" && ")})`;
  const inner = lines.map((line) => `\t${line}`);
  return lines.length === 1 ? [test, ...inner] : [`${test} {`, ...inner, "}"];
}

/** Counts a record at its first hearing. */
export function countLines(
  chain: ChainPlan,
  slot: SlotPlan,
  { name: event, user }: EventPlan,
  counts: string,
): readonly string[] {
  if (user || !isUncertain(chain, event)) return [];
  const side = event === "DATA_TCP" && slot.directions.length === 1 ? slot.directions[0] : undefined;
  const test = "unlikely(e->flags & EVENT_UNCOUNTED)";
  return [
    side === undefined ? `if (${test}) {` : `if (${test} && e->dir == MBX_${side.toUpperCase()}) {`,
    "\te->flags &= (uint8_t)~EVENT_UNCOUNTED;",
    `\t${counts}[EVENT_${event}]++;`,
    "}",
  ];
}

/** Whether a function runs in the first stage: what it hears is known when bytes are judged. */
function isEarly(chain: ChainPlan, place: number): boolean {
  return chain.stages[0]?.places.includes(place) ?? false;
}

/** Slots that hear bytes behind a worker: whether they do is not known when a stage ends. */
export function lateHearers(chain: ChainPlan): readonly number[] {
  return chain.nfs
    .filter((nf) => !isEarly(chain, nf.place))
    .flatMap((nf) => nf.subscriptions)
    .filter((slot) => slot.hears.includes("DATA_TCP") && slot.bit >= 0)
    .map((slot) => slot.bit);
}

/**
 * Slots for whose sake streams are followed although nobody hears bytes: those
 * that hear of holes and overlaps. Who can ignore bytes is told only of holes in
 * what it hears.
 */
export function followBits(chain: ChainPlan): readonly number[] {
  return chain.nfs.flatMap(followBitsOf);
}

function followBitsOf({ subscriptions }: NfPlan): readonly number[] {
  const toldOfHoles = subscriptions.some((slot) => slot.heard >= 0);
  return subscriptions
    .filter((slot) => slot.bit >= 0)
    .filter(
      (slot) => slot.hears.includes("FLOW_OVERLAP") || (slot.hears.includes("FLOW_GAP") && !toldOfHoles),
    )
    .map((slot) => slot.bit);
}

export function lateFollowers(chain: ChainPlan): readonly number[] {
  return chain.nfs.filter((nf) => !isEarly(chain, nf.place)).flatMap(followBitsOf);
}

/** Marks bytes that are judged: this function hears of holes and overlaps in them. */
export function followFunction(chain: ChainPlan, nf: NfPlan, prefix: string): CFunction | undefined {
  const bits = judgesBytes(chain) && isEarly(chain, nf.place) ? followBitsOf(nf) : [];
  if (bits.length === 0) return undefined;
  return {
    text: `${nf.name}: bytes that may turn out to be heard by nobody are followed for it.`,
    inline: "inline ",
    signature: `void ${prefix}_follow(struct event *e, const struct ${chain.name}_flow *f)`,
    lines: [
      `if (unlikely(e->flags & EVENT_UNSETTLED) && ${anyBit("f", bits)})`,
      "\te->flags |= EVENT_FOLLOWED;",
    ],
  };
}

/** The bytes of this record have reached somebody. */
export function heardLines(chain: ChainPlan, slot: SlotPlan): readonly string[] {
  if (!judgesBytes(chain)) return [];
  const mark = "e->flags |= EVENT_WAS_HEARD;";
  return slot.directions.length === 1
    ? [`if (e->dir == MBX_${slot.directions[0]?.toUpperCase()})`, `\t${mark}`]
    : [mark];
}
