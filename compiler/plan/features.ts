/** What the stack has to do, and who asked for it. */
import type { StackIr } from "../ir/ir.ts";
import { eventPlan } from "./events.ts";
import { filterRefs, heardTransports } from "./filters.ts";
import type { EventPlan, FeaturePlan, NfPlan, SlotPlan } from "./plan.ts";

/** In the order of `struct stack_features`; the names that `.mbx.features` shows. */
export const featureNames = [
  "flows",
  "tcp",
  "udp",
  "icmp",
  "icmp_errors",
  "packet_events",
  "packet_verdicts",
  "counters",
  "rtt",
  "ttl",
  "data_client",
  "data_server",
  "rexmit",
  "overlap",
  "gap",
  "drops",
  "unheard",
  "injects",
  "nf_timers",
  "stashes",
  "decap",
  "fragments",
  "checksum_verify",
] as const;

export type FeatureName = (typeof featureNames)[number];

export function planFeatures(
  stack: StackIr,
  nfs: readonly NfPlan[],
  slots: readonly SlotPlan[],
  events: readonly EventPlan[],
): readonly FeaturePlan[] {
  const asked = new Map<FeatureName, Set<string>>();
  const ask = (feature: FeatureName, who: string): void => {
    const known = asked.get(feature);
    if (known === undefined) asked.set(feature, new Set([who]));
    else known.add(who);
  };
  const hasFlows = stack.kind !== "l3";
  for (const slot of slots) for (const [feature, why] of neededBy(slot)) ask(feature, why);
  for (const nf of nfs) {
    for (const ref of [...nf.ir.reads, ...nf.subscriptions.flatMap(refsOf)])
      for (const feature of readNeeds(ref)) ask(feature, `${nf.name}: ${ref}`);
    if (nf.block >= 0 && hasFlows) {
      const who = `${nf.name}: ${dropWord(nf)}`;
      ask("drops", who);
      // What a dropped flow says is not to pass in the quote of an ICMP error either.
      if (nf.ir.drops) for (const feature of ["injects", "icmp_errors"] as const) ask(feature, who);
    }
    if (nf.block >= 0 && asked.has("packet_events") && (asked.has("data_client") || asked.has("data_server")))
      for (const slot of nf.subscriptions)
        if (slot.hears.includes("PKT_TCP"))
          ask("packet_verdicts", `${nf.name}: subscribe ${slot.event}, ${dropWord(nf)}`);
    if (nf.timer >= 0) ask("nf_timers", `${nf.name}: subscribe TIMER`);
    for (const [feature, why] of hasFlows ? packetFlowNeeds(nf, events) : []) ask(feature, why);
  }
  const wanting = nfs.find((nf) => hasFlows && flowUse(nf, events) !== undefined);
  if (wanting !== undefined && !transports.some((feature) => asked.has(feature)))
    ask("tcp", `${wanting.name}: ${flowUse(wanting, events)}`);
  const tracked = [...asked.keys()].filter((feature) => feature !== "packet_events");
  if (hasFlows && tracked.length > 0)
    for (const feature of tracked) for (const who of asked.get(feature) ?? []) ask("flows", who);
  if (!hasFlows) asked.delete("flows");
  const hearsBytes = asked.has("data_client") || asked.has("data_server");
  if (hearsBytes && asked.has("drops") && stack.options.unheard === "drop")
    ask("unheard", `${stack.name}: unheard drop`);
  const tunnels = tunnelsOf(stack.options);
  if (tunnels.length > 0) ask("decap", `${stack.name}: decap ${tunnels.join(", ")}`);
  const datagrams = Number(stack.options.fragments ?? 0);
  if (hasFlows && asked.size > 0 && datagrams > 0) ask("fragments", `${stack.name}: fragments ${datagrams}`);
  if (stack.options.checksum === "verify") ask("checksum_verify", `${stack.name}: checksum verify`);
  return featureNames.flatMap((name) => {
    const askedBy = asked.get(name);
    return askedBy === undefined ? [] : [{ name, askedBy: [...askedBy] }];
  });
}

/** Words of the option `decap`, those of the catalog. */
export function tunnelsOf(options: StackIr["options"]): readonly string[] {
  const words = options.decap;
  return Array.isArray(words) ? words.filter((word) => typeof word === "string") : [];
}

const transports = ["tcp", "udp", "icmp"] as const;

/** What gives packets their flow, by the event that hands them on. */
const followedFor: Readonly<Record<string, readonly FeatureName[]>> = {
  PKT_TCP: ["tcp"],
  PKT_UDP: ["udp"],
  PKT_ICMP: ["icmp", "icmp_errors"],
};

function dropWord(nf: NfPlan): string {
  return nf.ir.drops ? "drops" : "on_error or on_overload drop";
}

/** What an NF declares that means nothing for a packet without a flow. */
function flowUse(nf: NfPlan, events: readonly EventPlan[]): string | undefined {
  if (nf.block >= 0) return dropWord(nf);
  if (nf.ir.state.length > 0) return "state flow";
  if (nf.timer >= 0) return "subscribe TIMER";
  if (nf.subscriptions.some((slot) => slot.selector >= 0)) return "switch";
  const refs = [...nf.ir.reads, ...nf.subscriptions.flatMap(refsOf)];
  const read = refs.find((ref) => ref.startsWith("flow."));
  return read ?? nf.ir.publishes.find((name) => eventPlan(events, name).flow);
}

/** Who hears packets and does something with their flows needs these to be followed. */
function packetFlowNeeds(
  nf: NfPlan,
  events: readonly EventPlan[],
): readonly (readonly [FeatureName, string])[] {
  const use = flowUse(nf, events);
  if (use === undefined) return [];
  return nf.subscriptions.flatMap((slot) =>
    slot.hears.flatMap((event) =>
      (followedFor[event] ?? []).map((feature) => [feature, `${nf.name}: ${use}`] as const),
    ),
  );
}

function refsOf(slot: SlotPlan): readonly string[] {
  return [...slot.atStart, ...slot.perEvent]
    .flatMap(filterRefs)
    .flatMap((ref) => (ref.kind === "catalog" ? [ref.field] : []));
}

function neededBy(slot: SlotPlan): readonly (readonly [FeatureName, string])[] {
  const needs: (readonly [FeatureName, string])[] = [];
  const why = `${slot.nf}: subscribe ${slot.event}`;
  for (const event of slot.hears) {
    if (event.startsWith("PKT")) needs.push(["packet_events", why]);
    else if (event === "FLOW_UDP") needs.push(["udp", why]);
    else if (event === "FLOW_ICMP") needs.push(["icmp", why]);
    else if (event === "FLOW_ICMP_ERROR") {
      needs.push(["icmp_errors", why]);
      for (const one of heardTransports([...slot.atStart, ...slot.perEvent])) needs.push([one, why]);
    } else if (event === "TIMER") needs.push(["nf_timers", why]);
    else if (event.startsWith("FLOW_")) needs.push(["tcp", why]);
    if (event === "FLOW_REXMIT") needs.push(["rexmit", why]);
    if (event === "FLOW_OVERLAP") needs.push(["overlap", why], ["data_client", why], ["data_server", why]);
    if (event === "FLOW_GAP") needs.push(["gap", why], ["data_client", why], ["data_server", why]);
    if (event === "DATA_TCP") {
      needs.push(["tcp", why]);
      if (slot.directions.includes("client")) needs.push(["data_client", why]);
      if (slot.directions.includes("server")) needs.push(["data_server", why]);
    }
  }
  if (slot.stash >= 0) needs.push(["stashes", `${why} from start`]);
  return needs;
}

function readNeeds(ref: string): readonly FeatureName[] {
  if (!ref.startsWith("flow.")) return [];
  if (/packets$|bytes$/.test(ref)) return ["counters", "flows"];
  if (/closed$|state$/.test(ref)) return ["tcp", "flows"];
  if (ref === "flow.rtt") return ["rtt", "tcp"];
  if (ref === "flow.ttl.changed") return ["ttl", "flows"];
  return ["flows"];
}
