/** Intrusion detection: against the replay loop alone, and against Suricata. */
import { suricata } from "../peers/suricata.ts";
import { type ChainSubject, tracked } from "../subjects.ts";
import { ATTACK_SEGMENT, type TraceCounts, type TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { againstBare } from "./bare.ts";
import { against, againstPeer, type Comparison } from "./comparison.ts";

/** From the attack on, all packets of its flow are dropped, the close included. */
export function ids(trace: TraceSpec): ChainSubject {
  return {
    kind: "chain",
    name: "ids",
    chain: "bench/chains/ids.mbx",
    trace,
    oneIn: 8,
    expected: (counts) => {
      const ofFlow = counts.client.segments / counts.flows;
      return {
        ...tracked(counts),
        "packets.out": counts.packets - counts.attacked,
        "packets.dropped.flow": counts.attacked,
        "events.DPI_DETECT": counts.flows,
        "events.IDS_ALERT": counts.attacks,
        "nfs.signature.handled":
          counts.flows + (counts.flows - counts.attacks) * ofFlow + counts.attacks * (ATTACK_SEGMENT + 1),
        "nfs.alerts.handled": counts.attacks,
        "nfs.stats.handled": counts.flows,
      };
    },
  };
}

/** What the signature function is given. */
export const IDS_GIVEN = ["all", "client", "needed", "dynamic", "buffered"] as const;
export type IdsGiven = (typeof IDS_GIVEN)[number];

/** How many segments the function hears, in all. */
function heardOf(given: IdsGiven, { flows, httpFlows, attacks, client, server }: TraceCounts): number {
  // Of a server only the first segment begins early enough.
  const begun = client.segments / flows + 1;
  switch (given) {
    case "all":
      return client.segments + server.segments;
    case "client":
      return client.segments;
    case "needed":
      return flows * begun;
    case "dynamic":
    case "buffered":
      // Who cannot say that it is done hears its dropped flow on; these two ignore it.
      return (httpFlows - attacks) * begun + attacks * (ATTACK_SEGMENT + 2);
  }
}

/** Alerts are the same, but for what servers say where nobody hears them. */
export function idsGiven(given: IdsGiven, trace: TraceSpec): ChainSubject {
  return {
    kind: "chain",
    name: `ids, ${given}`,
    chain: `bench/chains/ids-${given}.mbx`,
    trace,
    oneIn: 8,
    expected: (counts) => {
      const alerts = counts.attacks + (given === "client" ? 0 : counts.leaks);
      return {
        ...tracked(counts),
        "packets.out": counts.packets - counts.attacked,
        "packets.dropped.flow": counts.attacked,
        "events.DPI_DETECT": counts.flows,
        "events.IDS_ALERT": alerts,
        [`nfs.signature_${given}.handled`]: counts.flows + heardOf(given, counts),
        "nfs.alerts.handled": alerts,
      };
    },
  };
}

/** Against all packets to the signature function. */
const againstAll = (given: IdsGiven): Comparison =>
  against(idsGiven("all", traces.web), `ids-${given}`, idsGiven(given, traces.web));

export const idsRows: readonly Comparison[] = [
  ...IDS_GIVEN.filter((given) => given !== "all").map(againstAll),
  againstBare("ids", ids, traces.http),
  againstPeer(suricata, "ids-suricata", ids(traces.httpLong)),
];
