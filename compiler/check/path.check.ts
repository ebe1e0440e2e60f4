/** MBX4001, MBX4004 to MBX4010, MBX4013, MBX4015, MBX5012: chains, their members and their paths. */
import { lastPart } from "../bind/chains.ts";
import { catalogEvent } from "../catalog/lookup.ts";
import type { ChainPart, Name, Span } from "../syntax/ast.ts";
import type { ChainRule, ProgramRule } from "./context.ts";
import { reportPolicy } from "./parts.check.ts";

export const nfStandsOnce: ChainRule = (chain, { report, program }) => {
  const first = new Map<string, Name>();
  for (const { name, nf } of chain.steps) {
    const previous = first.get(name.text);
    if (previous === undefined) {
      first.set(name.text, name);
    } else if (nf !== undefined) {
      const again = freeName(name.text, (text) => program.nfs.some((one) => one.name === text));
      report(
        "MBX4001",
        name.span,
        { nf: nf.name, chain: chain.name },
        {
          secondary: [{ span: previous.span, text: "stands here first" }],
          help: {
            message: `declare another instance, \`nf ${again} = ${nf.name}\`, and name that`,
            fix: { span: name.span, text: again },
          },
        },
      );
    }
  }
};

function freeName(base: string, isTaken: (name: string) => boolean): string {
  let number = 2;
  while (isTaken(`${base}_${number}`)) number++;
  return `${base}_${number}`;
}

const words: Readonly<Record<ChainPart["kind"], string>> = {
  "chain-stack": "stack",
  ports: "ports",
  path: "path",
  place: "place",
  malformed: "malformed",
};

export const membersStandOnce: ChainRule = (chain, { report }) => {
  const first = new Map<string, Span>();
  for (const part of chain.decl.parts) {
    if (part.kind === "place") continue;
    const previous = first.get(part.kind);
    if (previous === undefined) {
      first.set(part.kind, part.span);
    } else {
      report(
        "MBX4006",
        part.span,
        { owner: `chain \`${chain.name}\``, member: words[part.kind] },
        {
          secondary: [{ span: previous, text: "first here" }],
        },
      );
    }
  }
};

export const chainIsComplete: ChainRule = (chain, { report, program }) => {
  if (program.files.some((file) => file.broken.has(chain.decl))) return;
  const lacks = (kind: ChainPart["kind"]): boolean => lastPart(chain.decl, kind) === undefined;
  const { span } = chain.decl.name;
  if (lacks("chain-stack")) report("MBX4005", span, { chain: chain.name, what: "stack" });
  if (lacks("path")) report("MBX4005", span, { chain: chain.name, what: "path" });
  const byAddress =
    chain.stack === undefined || chain.stack.def === undefined || chain.stack.def.kind === "endpoint";
  if (lacks("ports") && !byAddress) report("MBX4005", span, { chain: chain.name, what: "ports" });
};

export const portsDiffer: ChainRule = (chain, { report }) => {
  const ports = lastPart(chain.decl, "ports");
  if (ports?.far === undefined || ports.far.text !== ports.near.text) return;
  report("MBX4007", ports.far.span, { port: ports.near.text, chain: chain.name });
};

export const malformedIsAPolicy: ChainRule = (chain, { report }) => {
  reportPolicy("malformed", lastPart(chain.decl, "malformed")?.policy, report);
};

/** MBX4008: where the stack can still choose a server. */
export const redirectsWhereItCan: ChainRule = (chain, { report }) => {
  const def = chain.stack?.def;
  if (def === undefined) return;
  for (const { nf } of chain.steps) {
    const redirects = nf?.body?.redirects;
    if (nf?.body === undefined || redirects === undefined || nf.poisoned) continue;
    const params = { nf: nf.name, chain: chain.name, kind: def.kind };
    const event = def.redirectsAt;
    if (event === undefined) {
      report("MBX4008", redirects, params);
    } else if (!nf.body.subscriptions.some((one) => hears(one.part.event.text, event))) {
      report(
        "MBX4008",
        redirects,
        { ...params, event },
        {
          help: { message: `add \`subscribe ${event}\`` },
        },
      );
    }
  }
};

/** Whether a subscription to `name` hears `event`: it, or an ancestor of it. */
function hears(name: string, event: string): boolean {
  for (let one = catalogEvent(event); one !== undefined; one = catalogEvent(one.parent ?? "")) {
    if (one.name === name) return true;
  }
  return false;
}

export const programsRunOnEndpoints: ChainRule = (chain, { report }) => {
  const def = chain.stack?.def;
  if (def === undefined || def.includes.includes("endpoint")) return;
  for (const { name, nf } of chain.steps) {
    if (nf?.body?.run === undefined) continue;
    report("MBX4013", name.span, { nf: nf.name, chain: chain.name, kind: def.kind });
  }
};

/** An event names its publisher by one byte, of which a few values are the stack's. */
const MOST_NFS = 250;
/** A flow keeps the directions that NFs have blocked as bits of one word. */
const MOST_DROPPERS = 64;

/** MBX5012: what the tables of the dataplane have room for. */
export const nfsFitTheChain: ChainRule = (chain, { report }) => {
  const { steps } = chain;
  const extra = steps[MOST_NFS];
  if (extra !== undefined) {
    const params = { chain: chain.name, what: "network functions", count: steps.length, limit: MOST_NFS };
    report("MBX5012", extra.name.span, params);
    return;
  }
  const droppers = steps.filter(({ nf }) => nf?.body?.drops !== undefined);
  const excess = droppers[MOST_DROPPERS];
  if (excess === undefined) return;
  const what = "network functions that drop";
  report("MBX5012", excess.name.span, {
    chain: chain.name,
    what,
    count: droppers.length,
    limit: MOST_DROPPERS,
  });
};

/** The most lcores that DPDK numbers, less one. */
const LAST_CORE = 1023n;

export const placesAreOnCores: ChainRule = (chain, { report }) => {
  for (const part of chain.decl.parts) {
    if (part.kind !== "place") continue;
    const { unit, value, text, span } = part.core;
    if (unit !== "none" || value > LAST_CORE) report("MBX4015", span, { core: text });
  }
};

export const placesAreInThePath: ChainRule = (chain, { report }) => {
  const placed = new Map<string, Name>();
  const known = chain.path !== undefined && chain.steps.every((step) => step.nf !== undefined);
  for (const part of chain.decl.parts) {
    if (part.kind !== "place") continue;
    const previous = placed.get(part.nf.text);
    if (previous !== undefined) {
      report(
        "MBX4010",
        part.nf.span,
        { nf: part.nf.text },
        {
          secondary: [{ span: previous.span, text: "placed here first" }],
        },
      );
    } else if (known && !chain.steps.some((step) => step.name.text === part.nf.text)) {
      report("MBX4009", part.nf.span, { nf: part.nf.text, chain: chain.name });
    }
    placed.set(part.nf.text, part.nf);
  }
};

/** MBX4004: in a root file with chains, an NF that none of them names. */
export const nfsStandInAChain: ProgramRule = ({ program, report }) => {
  if (program.chains.length === 0 || program.files.some((file) => file.hasSyntaxErrors)) return;
  const placed = new Set(program.chains.flatMap((chain) => chain.steps.map((step) => step.name.text)));
  const origins = new Set(
    program.nfs.flatMap((nf) => (nf.decl.instanceOf === undefined ? [] : nf.decl.instanceOf.text)),
  );
  for (const nf of program.nfs) {
    if (nf.decl.span.file !== program.root) continue;
    if (placed.has(nf.name) || origins.has(nf.name) || program.suggested.has(nf.name)) continue;
    report("MBX4004", nf.decl.name.span, { nf: nf.name });
  }
};
