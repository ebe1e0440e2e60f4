/** Intrusion detection: against the replay loop alone, and against Suricata. */
import { suricata } from "../peers/suricata.ts";
import { type Subject, tracked } from "../subjects.ts";
import { ATTACK_SEGMENT, type TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { againstBare } from "./bare.ts";
import { againstPeer, type Comparison } from "./comparison.ts";

/** From the attack on, all packets of its flow are dropped, the close included. */
export function ids(trace: TraceSpec): Subject {
  return {
    kind: "chain",
    name: "ids",
    chain: "samples/ids/ids.mbx",
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

export const idsRows: readonly Comparison[] = [
  againstBare("ids", ids, traces.http),
  againstPeer(suricata, "ids-suricata", ids(traces.httpLong)),
];
