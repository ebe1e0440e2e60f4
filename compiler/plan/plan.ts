/**
 * What runs where: everything that the emitters need to know about a program,
 * decided. Plain data; `mbx build --dump=plan` prints it and
 * `mbx explain-plan` tells it.
 */

import type { StackKind } from "../catalog/types.ts";
import type {
  ConstantIr,
  EnumIr,
  FieldIr,
  FilterIr,
  NfIr,
  OptionValue,
  ProgramIr,
  TypeIr,
} from "../ir/ir.ts";
import { planChain } from "./chain.ts";
import { planEvents } from "./events.ts";
import { grouped } from "./grouped.ts";
import { type PlanOptions, plainPlan } from "./options.ts";
import { separateStacks } from "./separate.ts";
import { planStub } from "./stub.ts";
import type { Stirring } from "./switching.ts";

export interface ProgramPlan {
  readonly name: string;
  /** File name of the root, without folders: named in generated headers. */
  readonly source: string;
  readonly constants: readonly ConstantIr[];
  readonly enums: readonly EnumIr[];
  /** Names of the ports; their numbers are their places here. */
  readonly ports: readonly string[];
  /** Every event of the program with its number: built in, then user events. */
  readonly events: readonly EventPlan[];
  readonly chains: readonly ChainPlan[];
  /** One for each handler file: what its stubs need, whatever chain it serves. */
  readonly stubs: readonly StubPlan[];
}

export interface EventPlan {
  readonly name: string;
  readonly number: number;
  readonly user: boolean;
  /** Names of the events that a subscription to this one hears, itself included. */
  readonly heard: readonly string[];
  /** Whether it belongs to a flow. */
  readonly flow: boolean;
  /** Own and inherited fields, in the record's order. */
  readonly fields: readonly FieldPlan[];
  readonly doc: string;
}

/** A field with the type that it has in memory. */
export interface FieldPlan {
  /** As written: `app`, `flow.bytes`. */
  readonly name: string;
  readonly type: MemoryType;
  readonly doc: string;
  readonly unit?: string;
}

export type MemoryType =
  | TypeIr
  /** A run of bytes elsewhere: pointer and length in C, offset and length in a ring. */
  | { readonly kind: "data" };

export interface ChainPlan {
  readonly name: string;
  readonly doc: string;
  /** Numbers of ports, -1 for none. */
  readonly near: number;
  readonly far: number;
  readonly malformed: "forward" | "drop";
  /** The next chain gets what this one forwards, too; else only what its stack does not match. */
  readonly handsOn?: "all";
  /** The network functions run over one packet's events at a time. */
  readonly eventByEvent?: true;
  readonly stack: StackPlan;
  /** In topological order: `place` is the index. */
  readonly nfs: readonly NfPlan[];
  readonly slots: readonly SlotPlan[];
  /** Words of 64 slots each; 0: no flow is ever masked. */
  readonly maskWords: number;
  /** Bytes of selected callbacks in a flow. */
  readonly callbackBytes: number;
  /** Records of the chain's log, by event. */
  readonly records: readonly RecordPlan[];
  readonly stages: readonly StagePlan[];
}

/** Turns that functions have with a burst without a wait between them. */
export interface StagePlan {
  /** Of the functions, in the order of their turns. */
  readonly places: readonly number[];
  /** Place of the function in a worker that has to answer before the next stage; -1 in the last. */
  readonly waitsFor: number;
}

export interface StackPlan {
  readonly name: string;
  readonly kind: StackKind;
  readonly match?: FilterIr;
  readonly options: Readonly<Record<string, OptionValue>>;
  /** Features in the order of `struct stack_features`, with who asked for each. */
  readonly features: readonly FeaturePlan[];
}

export interface FeaturePlan {
  readonly name: string;
  /** `signature: subscribe DATA_TCP`. */
  readonly askedBy: readonly string[];
}

export interface NfPlan {
  readonly name: string;
  readonly ir: NfIr;
  readonly place: number;
  /** Number of its outlet, -1 for an NF on its stack's core. */
  readonly outlet: number;
  /** Places of the NFs whose publications it hears and whose drops it sees. */
  readonly upstream: readonly number[];
  /** Number among the NFs that may drop, by a verdict or a policy; -1. */
  readonly block: number;
  /** Number among the NFs that hear TIMER, -1. */
  readonly timer: number;
  /** Core from `place`, -1. */
  readonly core: number;
  readonly subscriptions: readonly SlotPlan[];
}

/** A subscription of an NF in a chain. */
export interface SlotPlan {
  readonly nf: string;
  /** Number in the NF, in source order. */
  readonly number: number;
  readonly event: string;
  /** Names of the events it hears. */
  readonly hears: readonly string[];
  /** Bit in the flow's mask, -1: not per flow. */
  readonly bit: number;
  /** Index of its selected callback in the flow record, -1: it has only one. */
  readonly selector: number;
  readonly callbacks: readonly string[];
  /** Number of its stash, -1. */
  readonly stash: number;
  /** Number of the positions up to which it has heard bytes, -1: nobody is told what it missed. */
  readonly heard: number;
  readonly fromStart: number;
  /** Tested once, when the flow starts. */
  readonly atStart: readonly FilterIr[];
  /** Tested for each event. */
  readonly perEvent: readonly FilterIr[];
  /** Directions of data it can hear at all. */
  readonly directions: readonly ("client" | "server")[];
  /**
   * Data at or beyond this offset is never heard again: the slot is cleared.
   * -1: no such bound, or it holds for both directions.
   */
  readonly until: number;
}

export interface RecordPlan {
  readonly event: string;
  /** Catalog fields of the flow, stored as of the packet. */
  readonly snapshot: readonly FieldPlan[];
  /** While one of these slots is on it is recorded. */
  readonly bits: readonly number[];
  /** For DATA_TCP: the same by direction. */
  readonly clientBits: readonly number[];
  readonly serverBits: readonly number[];
  /** What makes its flow unsettled when it is recorded. */
  readonly stirring: Stirring;
  /** It is recorded of a flow that is not settled, whoever hears it now. */
  readonly mayStart: boolean;
}

export interface StubPlan {
  /** The NF whose name callbacks and calls carry. */
  readonly nf: NfIr;
  /** Names of all NFs of the program that use this handler, itself first. */
  readonly instances: readonly string[];
  readonly messages: readonly MessagePlan[];
  readonly publishes: readonly EventPlan[];
  /** Callback names over all subscriptions, `ignore` once. */
  readonly callbacks: readonly CallbackPlan[];
  readonly state: readonly FieldIr[];
  readonly setters: readonly FieldPlan[];
  readonly timers: boolean;
  /** Changes when the layout of rings or stubs does. */
  readonly constants: readonly ConstantIr[];
  readonly enums: readonly EnumIr[];
}

/** What a callback is given for one event. */
export interface MessagePlan {
  readonly event: string;
  readonly flow: boolean;
  readonly hasDir: boolean;
  readonly fields: readonly FieldPlan[];
  readonly reads: readonly FieldPlan[];
  readonly doc: string;
}

export interface CallbackPlan {
  readonly name: string;
  /** Subscriptions (numbers) and index of the callback in each. */
  readonly at: readonly { readonly subscription: number; readonly index: number }[];
  /** Absent for `ignore`. */
  readonly event?: string;
}

/** Plans a program that has no errors, nor crossings where stacks are to be separate. */
export function planProgram(given: ProgramIr, options: PlanOptions = plainPlan): ProgramPlan {
  const ir = options.consolidate ? given : separateStacks(given);
  const events = planEvents(ir);
  const ports = portNames(ir);
  const users = grouped(ir.nfs, (nf) => nf.handlerOf);
  return {
    name: ir.name,
    source: ir.file.replace(/^.*[\\/]/, ""),
    constants: ir.constants,
    enums: ir.enums,
    ports,
    events,
    chains: ir.chains.map((chain) => planChain(ir, events, ports, chain, options)),
    stubs: handlerOwners(ir).map((nf) => planStub(ir, events, nf, users.get(nf.handlerOf) ?? [])),
  };
}

/** One for each set of NFs that share a handler: its own NF, or the first where no chain has that. */
function handlerOwners(ir: ProgramIr): readonly NfIr[] {
  const names = new Set(ir.nfs.map((nf) => nf.name));
  const seen = new Set<string>();
  return ir.nfs
    .filter((nf) => nf.handlerOf === nf.name || !names.has(nf.handlerOf))
    .filter((nf) => !seen.has(nf.handlerOf) && seen.add(nf.handlerOf));
}

function portNames(ir: ProgramIr): readonly string[] {
  const names = new Set<string>();
  for (const chain of ir.chains) {
    if (chain.ports === undefined) continue;
    names.add(chain.ports.near);
    if (chain.ports.far !== undefined) names.add(chain.ports.far);
  }
  return [...names];
}
