/** The turns of a chain's network functions, as C, and what the library has to know of each. */
import type { ChainPlan, NfPlan } from "../../plan/plan.ts";
import { isNativeWorker } from "../../plan/stages.ts";
import { packetByPacket } from "./packet-by-packet.ts";
import { judgesBytes } from "./settling.ts";
import { flowRecordSize, stateRecordSize } from "./state.ts";

export function stageViews(chain: ChainPlan): readonly object[] {
  return chain.stages.map(({ places }, i) => {
    const before = chain.nfs[chain.stages[i - 1]?.waitsFor ?? -1];
    const lines = i === 0 ? [`${chain.name}_stack(c, b);`] : [];
    if (before !== undefined) lines.push(...applyBlocks(before, i));
    for (const place of places) {
      const nf = chain.nfs[place];
      if (nf === undefined) continue;
      lines.push(`${chain.name}_${nf.name}_run(c, b);`);
      if (nf.outlet < 0) lines.push(...applyBlocks(nf, i));
    }
    if (i === 0 && judgesBytes(chain))
      lines.push(`stack_judge_bytes(&c->stack, b, &${chain.name}_features);`);
    if (lines.length === 0) lines.push("RTE_SET_USED(c);", "RTE_SET_USED(b);");
    const names = places.map((place) => chain.nfs[place]?.name).join(", ");
    const text =
      i === 0
        ? `The stack, then ${names}.`
        : `After ${before?.name} has answered: ${names || "nothing more"}.`;
    return { name: `${chain.name}_stage_${i}`, text, lines: packetByPacket(chain, lines) };
  });
}

/** The stack marks a burst with blocked flows; what was blocked while it waited for a worker it cannot know. */
function applyBlocks(nf: NfPlan, stage: number): readonly string[] {
  if (nf.block < 0) return [];
  const apply = `burst_apply_blocks(c, b, ${nf.block});`;
  return stage > 0 ? [apply] : ["if (b->any_blocked)", `\t${apply}`];
}

export function nfEntry(chain: ChainPlan, nf: NfPlan): string {
  const members = [`.name = "${nf.name}"`, `.place = ${nf.place}`];
  if (nf.outlet >= 0) members.push(`.outlet = ${nf.outlet}`, `.answer = ${chain.name}_${nf.name}_answer`);
  else members.push(".outlet = PROGRAM_NO_OUTLET");
  const stage = chain.stages.findIndex(({ places }) => places.includes(nf.place));
  if (nf.timer >= 0 && (nf.outlet >= 0 || stage > 0)) members.push(".timers = true");
  if (nf.outlet >= 0 && nf.subscriptions.some((slot) => slot.stash >= 0))
    members.push(`.feed = ${chain.name}_${nf.name}_feed`);
  if (isNativeWorker(nf)) {
    const size = flowRecordSize(nf);
    members.push(`.core = ${nf.core}`, `.drain = ${chain.name}_${nf.name}_drain`);
    if (size > 0) members.push(`.state_size = ${size}`);
  } else if (nf.outlet < 0) {
    if (stage > 0) members.push(`.stage = ${stage}`);
    if (nf.ir.state.length > 0) members.push(`.state_size = ${stateRecordSize(nf)}`);
  }
  const { name } = nf;
  const prepares = nf.ir.prepares
    ? `,\n\t .start = ${chain.name}_${name}_start, .stop = ${chain.name}_${name}_stop`
    : "";
  return `{${members.join(", ")}${prepares}},`;
}
