/** Plans one chain: order, slots, records, stack work, stages. */
import type { ChainIr, NfIr, ProgramIr } from "../ir/ir.ts";
import { planFeatures } from "./features.ts";
import { grouped } from "./grouped.ts";
import type { PlanOptions } from "./options.ts";
import { orderPath } from "./order.ts";
import type { ChainPlan, EventPlan, NfPlan } from "./plan.ts";
import { planRecords } from "./records.ts";
import { planSlots } from "./slots.ts";
import { planSwitching } from "./switching.ts";

export function planChain(
  ir: ProgramIr,
  events: readonly EventPlan[],
  ports: readonly string[],
  chain: ChainIr,
  { batches }: PlanOptions,
): ChainPlan {
  const stack = ir.stacks.find((one) => one.name === chain.stack);
  if (stack === undefined) throw new Error(`chain ${chain.name} has no stack`);
  const order = orderPath(chain.path);
  const nfNamed = new Map(ir.nfs.map((nf) => [nf.name, nf]));
  const members = order.map((step) => ({ step, nf: existing(nfNamed.get(step.name), step.name) }));
  const slots = planSlots(
    members.map(({ nf }) => nf),
    events,
    stack.kind !== "l3",
  );
  const slotsOf = grouped(slots, (slot) => slot.nf);
  const coreOf = new Map(chain.places.map((one) => [one.nf, one.core]));
  const numberOf = counter();
  const nfs: readonly NfPlan[] = members.map(({ step, nf }, place) => {
    return {
      name: nf.name,
      ir: nf,
      place,
      outlet: nf.handler.language === "ts" ? numberOf("outlet") : -1,
      upstream: step.upstream,
      block: mayDrop(nf) ? numberOf("block") : -1,
      timer: nf.subscriptions.some((sub) => sub.event === "TIMER") ? numberOf("timer") : -1,
      core: coreOf.get(nf.name) ?? -1,
      subscriptions: slotsOf.get(nf.name) ?? [],
    };
  });
  const stages = planStages(nfs);
  const records = planRecords(nfs, slots, events, planSwitching(nfs, stages[0] ?? [], events));
  const flowSlots = slots.filter((slot) => slot.bit >= 0);
  return {
    name: chain.name,
    doc: chain.doc,
    near: chain.ports === undefined ? -1 : ports.indexOf(chain.ports.near),
    far: chain.ports?.far === undefined ? -1 : ports.indexOf(chain.ports.far),
    malformed: chain.malformed,
    ...(chain.handsOn === undefined ? {} : { handsOn: chain.handsOn }),
    ...(batches ? {} : { eventByEvent: true }),
    stack: {
      name: stack.name,
      kind: stack.kind,
      ...(stack.match === undefined ? {} : { match: stack.match }),
      options: stack.options,
      features: planFeatures(stack, nfs, slots, events),
    },
    nfs,
    slots,
    maskWords: Math.ceil(flowSlots.length / 64),
    callbackBytes: slots.filter((slot) => slot.selector >= 0).length,
    records,
    stages,
  };
}

/** By its verdicts, or because a worker's NF cannot say what it thinks of a packet. */
function mayDrop(nf: NfIr): boolean {
  const policies = [nf.onError, nf.onOverload];
  return nf.drops || (nf.handler.language === "ts" && policies.includes("drop"));
}

/** A stage ends with a worker's NF whose verdicts or writes the packets wait for. */
function planStages(nfs: readonly NfPlan[]): readonly (readonly number[])[] {
  const stages: number[][] = [[]];
  for (const nf of nfs) {
    stages[stages.length - 1]?.push(nf.place);
    const answers = nf.ir.drops || nf.ir.onError === "drop" || nf.ir.writes.length > 0;
    if (nf.outlet >= 0 && answers) stages.push([]);
  }
  return stages;
}

function existing(nf: NfIr | undefined, name: string): NfIr {
  if (nf === undefined) throw new Error(`the program has no network function ${name}`);
  return nf;
}

/** Numbers things of a kind from 0. */
function counter(): (kind: string) => number {
  const next = new Map<string, number>();
  return (kind) => {
    const number = next.get(kind) ?? 0;
    next.set(kind, number + 1);
    return number;
  };
}
