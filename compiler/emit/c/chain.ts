/** A chain's header and unit: what its stack does, and the order of its NFs. */

import { eventPlan } from "../../plan/events.ts";
import { featureNames, tunnelsOf } from "../../plan/features.ts";
import { filterRefs } from "../../plan/filters.ts";
import { ofOneInstance } from "../../plan/instances.ts";
import type { ChainPlan, NfPlan, ProgramPlan, RecordPlan, SlotPlan } from "../../plan/plan.ts";
import { isNativeWorker } from "../../plan/stages.ts";
import { render } from "../template.ts";
import { nfEntry, stageViews } from "./chain-stages.ts";
import { liveFlowValue } from "./fields.ts";
import { printFilter } from "./filter-text.ts";
import { filterC } from "./filters.ts";
import { anyBit, noBit, setBits } from "./masks.ts";
import { memberName, upper } from "./names.ts";
import { recordSlots, recordStruct, recordView, siteValue, storedFields } from "./records.ts";
import {
  followBits,
  hasSwitches,
  judgesBytes,
  lateFollowers,
  lateHearers,
  stirLines,
  unsettledLines,
} from "./settling.ts";
import { stateFetchLines } from "./state.ts";

export function chainHeader(program: ProgramPlan, chain: ChainPlan, banner: string): string {
  return render("c/chain.h", {
    banner,
    program: program.name,
    chain: chain.name,
    chainUpper: upper(chain.name),
    flowMembers: flowParts(chain).map((part) => part.member),
    slots: chain.slots
      .filter((slot) => slot.bit >= 0)
      .map((slot) => ({
        constant: slotConstant(chain, slot),
        bit: slot.bit,
        text: `${slot.nf}: subscribe ${slot.event}`,
      })),
    slotCount: chain.slots.filter((slot) => slot.bit >= 0).length,
    records: chain.records.map((record) => recordView(program, chain, record)),
    runs: chain.nfs.map((nf) => ({
      name: `${chain.name}_${nf.name}_run`,
      text: runText(nf),
    })),
    prepares: chain.nfs.filter((nf) => nf.ir.prepares).map((nf) => `${chain.name}_${nf.name}`),
    drains: chain.nfs.filter(isNativeWorker).map((nf) => `${chain.name}_${nf.name}_drain`),
    answers: chain.nfs.filter((nf) => nf.outlet >= 0).map((nf) => `${chain.name}_${nf.name}_answer`),
    feeds: chain.nfs
      .filter((nf) => nf.outlet >= 0 && nf.subscriptions.some((slot) => slot.stash >= 0))
      .map((nf) => `${chain.name}_${nf.name}_feed`),
  });
}

function runText(nf: NfPlan): string {
  if (isNativeWorker(nf)) return `${nf.name}, in C on another core: sends it what it hears.`;
  return nf.outlet >= 0 ? `${nf.name}, in a worker: sends it what it hears.` : `${nf.name}, in C.`;
}

export function slotConstant(chain: ChainPlan, slot: SlotPlan): string {
  return `${upper(chain.name)}_SLOT_${upper(slot.nf)}_${slot.number}`;
}

interface FlowPart {
  readonly member: string;
  readonly offsets: readonly string[];
  /** Its name, where few packets touch it. */
  readonly rare?: string;
}

/** Optional parts of the flow record, with the features' offsets to them: at first what most packets touch. */
function flowParts(chain: ChainPlan): readonly FlowPart[] {
  const has = (name: string): boolean => hasFeature(chain, name);
  const at = (offset: string, member: string): string =>
    `.${offset} = offsetof(struct ${chain.name}_flow, ${member}),`;
  const blocks = chain.nfs.filter((nf) => nf.block >= 0).length;
  const stashes = chain.slots.filter((slot) => slot.stash >= 0).length;
  const timers = chain.nfs.filter((nf) => nf.timer >= 0).length;
  const heard = chain.slots.filter((slot) => slot.heard >= 0).length;
  if (!has("flows")) return [];
  const parts: readonly (FlowPart | false)[] = [
    chain.maskWords > 0 && { member: `uint64_t mask[${chain.maskWords}];`, offsets: [] },
    chain.callbackBytes > 0 && { member: `uint8_t callback[${chain.callbackBytes}];`, offsets: [] },
    hasSwitches(chain) && { member: "uint32_t stirred;", offsets: [] },
    heard > 0 && { member: `uint64_t heard[${heard}][2];`, offsets: [] },
    has("tcp") && { member: "struct tcp_track tcp;", offsets: [at("tcp_at", "tcp")] },
    has("counters") && {
      member: "struct flow_counters counters;",
      offsets: [at("counters_at", "counters")],
    },
    has("ttl") && { member: "struct flow_ttl ttl;", offsets: [at("ttl_at", "ttl")] },
    hasStreams(chain) && { member: "struct stream stream[2];", offsets: [at("stream_at", "stream")] },
    has("drops") &&
      hasStreams(chain) && {
        member: "struct stream_digests digests[2];",
        offsets: [at("digests_at", "digests")],
        rare: "digests",
      },
    has("drops") && {
      member: `struct flow_block blocks[${blocks}];`,
      offsets: [at("blocks_at", "blocks"), `.blocks = ${blocks},`],
      rare: "blocks",
    },
    has("injects") && {
      member: `uint8_t prefix[FLOW_PREFIX_SIZE(${prefixRoom(chain)})];`,
      offsets: [at("prefix_at", "prefix"), `.prefix_room = ${prefixRoom(chain)},`],
      rare: "prefix",
    },
    has("stashes") && {
      member: `struct stash stash[${stashes}];`,
      offsets: [at("stash_at", "stash"), `.stash_count = ${stashes},`],
      rare: "stash",
    },
    has("nf_timers") && {
      member: `struct wheel_timer timers[${timers}];`,
      offsets: [at("timers_at", "timers"), `.timer_count = ${timers},`],
      rare: "timers",
    },
  ];
  return parts.filter((part) => part !== false);
}

function hasStreams(chain: ChainPlan): boolean {
  return hasFeature(chain, "data_client") || hasFeature(chain, "data_server");
}

/** How much of the record most packets touch: not a server's stream that nobody hears. */
function usedRecord(chain: ChainPlan): string {
  const type = `struct ${chain.name}_flow`;
  if (hasStreams(chain) && !hasFeature(chain, "data_server")) return `offsetof(${type}, stream[1])`;
  const rare = flowParts(chain).find((part) => part.rare !== undefined)?.rare;
  return rare === undefined ? `sizeof(${type})` : `offsetof(${type}, ${rare})`;
}

function prefixRoom(chain: ChainPlan): string {
  return hasFeature(chain, "decap") ? "FLOW_PREFIX_TUNNEL" : "FLOW_PREFIX_LINK";
}

export function hasFeature(chain: ChainPlan, name: string): boolean {
  return chain.stack.features.some((feature) => feature.name === name);
}

export function chainUnit(program: ProgramPlan, chain: ChainPlan, banner: string): string {
  const flows = hasFeature(chain, "flows");
  const options = chain.stack.options;
  const wantsData = flows ? wantsDataLines(chain) : [];
  const follows = anyBit("f", followBits(chain));
  const raises = chain.records
    .filter((record) => !eventPlan(program.events, record.event).user)
    .map((record) => raiseView(program, chain, record));
  return render("c/chain.c", {
    banner,
    chain: chain.name,
    stack: chain.stack.name,
    stackHeader: flows ? "monitor" : "l3",
    features: featureLines(program, chain),
    match: matchLines(chain),
    matchText: chain.stack.match === undefined ? "" : printFilter(chain.stack.match),
    flows,
    subscribe: flows ? subscribeLines(chain) : [],
    wantsData,
    wantsDataReads: readsFlow(wantsData),
    follows,
    followsReads: readsFlow([follows]),
    switches: hasSwitches(chain),
    raises,
    raiseReads: flows && readsFlow(raises.flatMap((raise) => raise.lines)),
    raiseWrites: hasSwitches(chain),
    uncounted: raises.some(({ lines }) => lines.some((line) => line.includes("EVENT_UNCOUNTED"))),
    stages: stageViews(chain),
    nfs: chain.nfs.map((nf) => nfEntry(chain, nf)),
    eventNames: program.events
      .filter((event) => event.number >= 0)
      .map((event) => `[EVENT_${event.name}] = "${event.name}",`),
    near: port(chain.near),
    far: port(chain.far),
    flowCount: flows ? String(ofOneInstance(options, "flows")) : "0",
    fragmentCount: hasFeature(chain, "fragments") ? String(ofOneInstance(options, "fragments")) : "0",
    ticks: flows || hasFeature(chain, "fragments"),
    buffer: `${flows ? ofOneInstance(options, "buffer") : 0}ull`,
    nfCount: chain.nfs.length,
    outletCount: chain.nfs.filter((nf) => nf.outlet >= 0).length,
    stageCount: chain.stages.length,
    stageNames: chain.stages.map((_, i) => `${chain.name}_stage_${i}`).join(", "),
    handsOnAll: chain.handsOn === "all",
    waitsFor: chain.stages
      .map(({ waitsFor }) => String(Math.max(0, chain.nfs[waitsFor]?.outlet ?? 0)))
      .join(", "),
  });
}

function port(number: number): string {
  return number < 0 ? "PROGRAM_NO_PORT" : String(number);
}

/** Features that are members of another type than bool: what the option says. */
const fromOption: readonly string[] = ["decap", "checksum_verify"];

function featureLines(program: ProgramPlan, chain: ChainPlan): readonly string[] {
  const options = chain.stack.options;
  const named = chain.stack.features.map((feature) => feature.name);
  const on = featureNames.filter((name) => named.includes(name) && !fromOption.includes(name));
  const word = (option: string, otherwise: string): string => upper(String(options[option] ?? otherwise));
  const lines = on.map((name) => `.${name} = true, /* ${askers(chain, name)} */`);
  lines.push(`.checksum = CHECKSUM_${word("checksum", "verify")},`);
  lines.push(`.malformed_drop = ${chain.malformed === "drop"},`);
  if (chain.eventByEvent === true) lines.push(".event_by_event = true,");
  const tunnels = tunnelsOf(options).map((word) => `TUNNEL_${upper(word)}`);
  if (tunnels.length > 0)
    lines.push(
      `.decap = ${tunnels.join(" | ")},`,
      `.drops_unread = ${chain.nfs.some((nf) => nf.block >= 0)},`,
    );
  const has = (name: string): boolean => hasFeature(chain, name);
  if (has("fragments"))
    lines.push(
      `.holds_fragments = ${holdsFragments(program, chain)},`,
      `.match_addresses = ${asksForAddresses(chain)},`,
    );
  if (!has("flows")) return lines;
  lines.push(`.overlap_policy = OVERLAP_${word("overlap", "linux")},`);
  lines.push(`.urgent_inline = ${options.urgent === "inline"},`);
  lines.push(`.history = ${options.history ?? 0},`);
  lines.push(`.idle_ns = ${options.idle ?? 0}ull,`);
  if (has("udp")) lines.push(`.idle_udp_ns = ${options.idle_udp ?? options.idle ?? 0}ull,`);
  if (has("icmp")) lines.push(`.idle_icmp_ns = ${options.idle_icmp ?? options.idle ?? 0}ull,`);
  if (has("udp") || has("icmp")) lines.push(`.idle_unanswered_ns = ${options.idle_unanswered ?? 0}ull,`);
  lines.push(`.record_size = sizeof(struct ${chain.name}_flow),`);
  lines.push(`.record_used = ${usedRecord(chain)},`);
  return [...lines, ...flowParts(chain).flatMap((part) => part.offsets)];
}

/**
 * Whether fragments wait in line for their datagram: someone may drop it, or only it
 * can tell which chain it is for.
 */
function holdsFragments(program: ProgramPlan, chain: ChainPlan): boolean {
  const later = program.chains.slice(program.chains.indexOf(chain) + 1).some((other) => other.near >= 0);
  return hasFeature(chain, "drops") || (later && !asksForAddresses(chain));
}

/**
 * Whether a fragment alone decides the stack's match, or only its datagram can. One that
 * may carry a tunnel has other addresses than what is in there.
 */
function asksForAddresses(chain: ChainPlan): boolean {
  if (chain.stack.match === undefined) return true;
  if (tunnelsOf(chain.stack.options).length > 0) return false;
  const refs = filterRefs(chain.stack.match);
  return refs.every(
    (ref) => ref.kind === "catalog" && /^(eth\.|vlan|ip\.(src|dst|version)$)/.test(ref.field),
  );
}

function askers(chain: ChainPlan, name: string): string {
  const [first = "", ...more] = chain.stack.features.find((feature) => feature.name === name)?.askedBy ?? [];
  return more.length === 0 ? first : `${first}, and ${more.length} more`;
}

function matchLines(chain: ChainPlan): readonly string[] {
  if (chain.stack.match === undefined) return ["RTE_SET_USED(p);", "return true;"];
  const test = filterC([chain.stack.match], {
    packet: "p",
    packetMayBeNull: false,
    flow: undefined,
    flowMayBeNull: false,
    event: undefined,
    record: undefined,
    eventField: noEventField,
    eventType: noEventField,
  });
  return [`return ${test};`];
}

/** What is tested before there is an event: a match, what holds for a flow's life. */
function noEventField(name: string): never {
  throw new Error(`there is no event yet that could have a field ${name}`);
}

function subscribeLines(chain: ChainPlan): readonly string[] {
  const initial = chain.slots.filter(
    (slot) => slot.bit >= 0 && (slot.callbacks[0] !== "ignore" || slot.stash >= 0),
  );
  const plain = initial.filter((slot) => slot.atStart.length === 0).map((slot) => slot.bit);
  const scope = {
    packet: undefined,
    packetMayBeNull: false,
    flow: "flow",
    flowMayBeNull: false,
    event: undefined,
    record: undefined,
    eventField: noEventField,
    eventType: noEventField,
  };
  const filtered = initial
    .filter((slot) => slot.atStart.length > 0)
    .flatMap((slot) => [
      `if (${filterC(slot.atStart, scope)})`,
      ...setBits("f", [slot.bit]).map((line) => `\t${line} /* ${slot.nf}: ${slot.event} */`),
    ]);
  return [...setBits("f", plain), ...filtered];
}

/** A flow that is not settled may get a hearer before it is heard. */
function wantsDataLines(chain: ChainPlan): readonly string[] {
  const record = chain.records.find((one) => one.event === "DATA_TCP");
  if (record === undefined) return ["return false;"];
  const maybe = hasSwitches(chain) && record.mayStart ? ` || ${chain.name}_unsettled(s, flow)` : "";
  if (sameBits(record.clientBits, record.serverBits))
    return [`return ${anyBit("f", record.clientBits)}${maybe};`];
  return [
    "if (dir == MBX_CLIENT)",
    `\treturn ${anyBit("f", record.clientBits)}${maybe};`,
    `return ${anyBit("f", record.serverBits)}${maybe};`,
  ];
}

function sameBits(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bit, i) => bit === b[i]);
}

function readsFlow(lines: readonly string[]): boolean {
  return lines.some((line) => /\bf\b/.test(line));
}

interface RaiseView {
  readonly constant: string;
  readonly struct: string;
  readonly lines: readonly string[];
}

function raiseView(program: ProgramPlan, chain: ChainPlan, record: RecordPlan): RaiseView {
  const event = eventPlan(program.events, record.event);
  const struct = recordStruct(chain, event.name);
  const isData = event.name === "DATA_TCP";
  const lines = [
    ...heardTest(chain, record),
    `r = (struct ${struct} *)event_log_append(&b->log, ${recordSlots(chain, event.name)});`,
    `event_fill(${isData ? "&r->data.head" : "&r->head"}, type, site);`,
    ...(isData
      ? [
          "r->data.data = site->data;",
          "r->data.owner = site->owner;",
          "r->data.len = (uint32_t)site->length;",
          "r->data.seq = site->seq;",
          ...lateLines(chain),
        ]
      : []),
    ...storedFields(event).map(
      (field) => `r->${memberName(field.name)} = ${cast(field.type)}${siteValue(field.name)};`,
    ),
    ...record.snapshot.map((field) => {
      const value = liveFlowValue(field.name, "f");
      const empty =
        field.type.kind === "scalar" && field.type.name === "ip" ? "(struct mbx_ip){.version = 0}" : "0";
      return event.flow
        ? `r->${memberName(field.name)} = ${value};`
        : `r->${memberName(field.name)} = f != NULL ? ${value} : ${empty};`;
    }),
    ...stateFetchLines(program, chain, event),
    ...unsettledLines(chain, record, isData ? "r->data.head" : "r->head"),
    ...stirLines(chain, record),
  ];
  return { constant: `EVENT_${event.name}`, struct, lines };
}

function cast(type: RecordPlan["snapshot"][number]["type"]): string {
  return type.kind === "scalar" && type.name === "u32" ? "(uint32_t)" : "";
}

/** Who hears or follows bytes behind a worker counts while they are judged. */
function lateLines(chain: ChainPlan): readonly string[] {
  if (!judgesBytes(chain)) return [];
  const mark = (bits: readonly number[], flag: string): readonly string[] =>
    bits.length === 0 ? [] : [`if (${anyBit("f", bits)})`, `\tr->data.head.flags |= ${flag};`];
  return [...mark(lateHearers(chain), "EVENT_WAS_HEARD"), ...mark(lateFollowers(chain), "EVENT_FOLLOWED")];
}

/** Nothing is recorded for a flow that has no hearer left, nor may get one in this burst. */
function heardTest(chain: ChainPlan, record: RecordPlan): readonly string[] {
  const hearing = chain.slots.filter((slot) => slot.hears.includes(record.event));
  if (hearing.some((slot) => slot.bit < 0)) return [];
  const settled = hasSwitches(chain) && record.mayStart ? " && f->stirred != s->round" : "";
  if (record.event === "DATA_TCP")
    return [`if (!${chain.name}_wants_data(s, site->flow, (enum mbx_direction)site->dir))`, "\treturn;"];
  const test = `${noBit("f", record.bits)}${settled}`;
  const guard = record.event.startsWith("PKT") ? `f != NULL && ${test}` : test;
  return [`if (${guard})`, "\treturn;"];
}
