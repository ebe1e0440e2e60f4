/** Plans one chain: order, slots, records, stack work, stages. */
import type { ChainIr, NfIr, ProgramIr } from "../ir/ir.ts";
import { planFeatures } from "./features.ts";
import { grouped } from "./grouped.ts";
import type { PlanOptions } from "./options.ts";
import { orderPath } from "./order.ts";
import type { ChainPlan, EventPlan, NfPlan } from "./plan.ts";
import { planRecords } from "./records.ts";
import { planSlots } from "./slots.ts";
import { planStages } from "./stages.ts";
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
      outlet: inWorker(nf, coreOf) ? numberOf("outlet") : -1,
      upstream: step.upstream,
      block: mayDrop(nf, coreOf) ? numberOf("block") : -1,
      timer: nf.subscriptions.some((sub) => sub.event === "TIMER") ? numberOf("timer") : -1,
      core: coreOf.get(nf.name) ?? -1,
      subscriptions: slotsOf.get(nf.name) ?? [],
    };
  });
  const stages = planStages(nfs);
  const records = planRecords(nfs, slots, events, planSwitching(nfs, stages[0]?.places ?? [], events));
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

/** TypeScript always, C where the chain gives it a core. */
function inWorker(nf: NfIr, coreOf: ReadonlyMap<string, number>): boolean {
  return nf.handler.language === "ts" || (nf.handler.language === "c" && coreOf.has(nf.name));
}

/** By its verdicts, or because a worker's NF cannot say what it thinks of a packet. */
function mayDrop(nf: NfIr, coreOf: ReadonlyMap<string, number>): boolean {
  const isLost = inWorker(nf, coreOf) && nf.onOverload === "drop";
  return nf.drops || isLost || (nf.handler.language === "ts" && nf.onError === "drop");
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
