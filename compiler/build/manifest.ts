/** `manifest.json`: what the control needs to know of a program beside its addon. */
import type { Manifest, ManifestChain, ManifestNf } from "../../runtime/control/manifest.ts";
import type { ChainPlan, NfPlan, ProgramPlan } from "../plan/plan.ts";
import { layoutHash } from "../plan/wire.ts";

/** Hash of what a stub's declaration lays out, by the name that it carries. */
type Layouts = ReadonlyMap<string, string>;

export function manifestOf(plan: ProgramPlan): Manifest {
  const layouts: Layouts = new Map(plan.stubs.map((stub) => [stub.nf.name, layoutHash(stub)]));
  return {
    version: 1,
    program: plan.name,
    source: plan.source,
    ports: plan.ports,
    chains: plan.chains.map((chain) => chainOf(chain, plan.ports, layouts)),
  };
}

function chainOf(chain: ChainPlan, ports: readonly string[], layouts: Layouts): ManifestChain {
  const near = ports[chain.near];
  const far = ports[chain.far];
  return {
    name: chain.name,
    stack: chain.stack.name,
    ...(near === undefined ? {} : { ports: { near, ...(far === undefined ? {} : { far }) } }),
    nfs: chain.nfs.map((nf) => nfOf(nf, layouts)),
  };
}

function nfOf(nf: NfPlan, layouts: Layouts): ManifestNf {
  const subscriptions = nf.subscriptions.map((subscription) => subscription.event);
  const handler = nf.ir.handler;
  if (handler.language !== "ts") return { language: "c", name: nf.name, subscriptions };
  return {
    language: "ts",
    name: nf.name,
    subscriptions,
    ...(nf.core < 0 ? {} : { core: nf.core }),
    outlet: nf.outlet,
    module: `nf-${nf.ir.handlerOf}.mjs`,
    layout: layouts.get(nf.ir.handlerOf) ?? "",
    handler: handler.written,
  };
}
