/** `--event-by-event`: a stage in which all network functions take turns at each packet. */
import type { ChainPlan } from "../../plan/plan.ts";
import { judgesBytes } from "./settling.ts";

/** The stage's lines, repeated for each packet where nothing of a burst is ever elsewhere. */
export function packetByPacket(chain: ChainPlan, lines: readonly string[]): readonly string[] {
  if (chain.eventByEvent !== true || chain.nfs.some((nf) => nf.outlet >= 0)) return lines;
  const [stack = "", ...turns] = lines;
  const idle = turnsMatterAlways(chain) ? [] : ["if (b->log.first == EVENT_END)", "\tcontinue;"];
  return ["do {", ...[stack, ...idle, ...turns].map((line) => `\t${line}`), "} while (burst_goes_on(c, b));"];
}

/** Verdicts apply, and bytes are judged, also where nobody hears anything of a packet. */
function turnsMatterAlways(chain: ChainPlan): boolean {
  return judgesBytes(chain) || chain.nfs.some((nf) => nf.block >= 0);
}
