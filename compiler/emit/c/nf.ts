/** The unit of a network function in C: its calls, its loops, its handlers. */
import type { ChainPlan, ProgramPlan, StubPlan } from "../../plan/plan.ts";
import { isNativeWorker } from "../../plan/stages.ts";
import { render } from "../template.ts";
import { hearings } from "./hear.ts";
import { inletText, keptView, outletOf } from "./inlet.ts";
import { answerBody } from "./inlet-calls.ts";
import { type Instance, instancesOf } from "./instance.ts";
import { callBody } from "./nf-calls.ts";
import { deliverFunction, hearFunction, hearName, missedFunctions, replayFunctions } from "./nf-hear.ts";
import { wireHeaderName } from "./outlet.ts";
import { recordSlots } from "./records.ts";
import { followFunction } from "./settling.ts";
import { type CallC, callsOf } from "./stub.ts";

const isRemote = ({ nf }: Instance): boolean => isNativeWorker(nf);

/** `handler` is the handler's path as the unit includes it. */
export function nfUnit(program: ProgramPlan, stub: StubPlan, handler: string, banner: string): string {
  const instances = instancesOf(program, stub);
  const calls = callsOf(stub);
  const shared = instances.length > 1 && calls.length > 0;
  return render("c/nf.c", {
    banner,
    nf: stub.nf.name,
    includes: [
      ...new Set(instances.map((one) => `${one.chain.name}.h`)),
      ...instances.filter(isRemote).map((one) => wireHeaderName(outletOf(program, stub, one))),
      "packet/write.h",
      `${stub.nf.name}.gen.h`,
    ],
    handler,
    shared,
    inPlace: instances.length === 0 || !instances.every(isRemote),
    remote: instances.some(isRemote),
    kept: instances.filter(isRemote).flatMap((one) => keptView(stub, one)),
    replays: instances.some((one) => !isRemote(one) && one.nf.subscriptions.some((slot) => slot.stash >= 0)),
    calls: calls.map((call) => ({
      pointer: `${call.result}(*${call.name})(${call.parameters});`,
      name: call.name,
    })),
    api: calls.map((call) => apiView(program, stub, call, instances)),
    calling: instances.map((one) => callingView(program, stub, one, shared ? calls : [])),
    instances: instances.filter((one) => !isRemote(one)).map((one) => instanceView(program, stub, one)),
    prepares: stub.nf.prepares
      ? instances.map((one) => ({ name: one.nf.name, chain: one.chain.name, prefix: one.prefix }))
      : [],
    remotes: instances.filter(isRemote).map((one) => inletText(program, stub, one, shared)),
  });
}

function bodyOf(program: ProgramPlan, stub: StubPlan, one: Instance, call: CallC): readonly string[] {
  return (isRemote(one) ? answerBody : callBody)(program, stub, one, call);
}

/** What a handler calls: of one instance the thing itself, of several by the context. */
function apiView(program: ProgramPlan, stub: StubPlan, call: CallC, instances: readonly Instance[]): object {
  const signature = `${call.result}${stub.nf.name}_${call.name}(${call.parameters})`;
  const [only, ...more] = instances;
  if (only !== undefined && more.length === 0) return { signature, lines: bodyOf(program, stub, only, call) };
  const forward = `ctx->calls->${call.name}(${call.arguments});`;
  return { signature, lines: [call.result === "void " ? forward : `return ${forward}`] };
}

/** The calls of one of several instances. */
function callingView(program: ProgramPlan, stub: StubPlan, one: Instance, calls: readonly CallC[]): object {
  return {
    prefix: one.prefix,
    calls: calls.map((call) => ({ name: call.name })),
    callBodies: calls.map((call) => ({
      text: call.doc,
      signature: `${call.result}${one.prefix}_${call.name}(${call.parameters})`,
      lines: bodyOf(program, stub, one, call),
    })),
  };
}

function instanceView(program: ProgramPlan, stub: StubPlan, one: Instance): object {
  const heard = hearings(program, one.chain, one.nf);
  const events = [...new Set(heard.map((hearing) => hearing.event.name))];
  const follow = followFunction(one.chain, one.nf, one.prefix);
  return {
    prefix: one.prefix,
    chain: one.chain.name,
    name: one.nf.name,
    place: one.nf.place,
    block: Math.max(0, one.nf.block),
    timer: Math.max(0, one.nf.timer),
    functions: [
      ...heard.map((hearing) => deliverFunction(program, stub, one, hearing)),
      ...missedFunctions(program, stub, one, heard),
      ...replayFunctions(program, stub, one),
      ...heard.map((hearing) => hearFunction(program, stub, one, hearing)),
      ...(follow === undefined ? [] : [follow]),
    ],
    cases: [...new Set([...events, ...(follow === undefined ? [] : ["DATA_TCP"])])].map((name) => ({
      constant: `EVENT_${name}`,
      slots: recordSlots(one.chain, name),
      lines: [
        ...(name === "DATA_TCP" && follow !== undefined
          ? [`${one.prefix}_follow(e, ${flowOf(one.chain, name)});`]
          : []),
        ...heard
          .filter((hearing) => hearing.event.name === name)
          .map((hearing) => `${hearName(one, hearing)}(&ctx, e, ${flowOf(one.chain, name)});`),
      ],
    })),
  };
}

/** Bytes are of a flow whose record the stack keeps until they have been handled. */
function flowOf(chain: ChainPlan, event: string): string {
  const find = event === "DATA_TCP" ? "chain_flow_at" : "chain_flow_of";
  return `(struct ${chain.name}_flow *)${find}(c, e)`;
}
