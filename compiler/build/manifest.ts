/** `manifest.json`: what the control needs to know of a program beside its addon. */
import type { Manifest, ManifestChain, ManifestNf } from "../../runtime/control/manifest.ts";
import type { ChainPlan, NfPlan, ProgramPlan } from "../plan/plan.ts";

/** `layouts`: of the generated stubs, by the name that they carry. */
export function manifestOf(plan: ProgramPlan, layouts: ReadonlyMap<string, string>): Manifest {
  return {
    version: 1,
    program: plan.name,
    source: plan.source,
    ports: plan.ports,
    chains: plan.chains.map((chain) => chainOf(chain, plan.ports, layouts)),
  };
}

function chainOf(
  chain: ChainPlan,
  ports: readonly string[],
  layouts: ReadonlyMap<string, string>,
): ManifestChain {
  const near = ports[chain.near];
  const far = ports[chain.far];
  return {
    name: chain.name,
    stack: chain.stack.name,
    ...(near === undefined ? {} : { ports: { near, ...(far === undefined ? {} : { far }) } }),
    nfs: chain.nfs.map((nf) => nfOf(nf, layouts)),
  };
}

function nfOf(nf: NfPlan, layouts: ReadonlyMap<string, string>): ManifestNf {
  const subscriptions = nf.subscriptions.map((subscription) => subscription.event);
  const handler = nf.ir.handler;
  if (handler.language !== "ts") return { language: "c", name: nf.name, subscriptions };
  return {
    language: "ts",
    name: nf.name,
    subscriptions,
    outlet: nf.outlet,
    module: `nf-${nf.name}.mjs`,
    layout: layouts.get(nf.ir.handlerOf) ?? "",
    handler: handler.written,
  };
}
