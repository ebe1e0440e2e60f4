/**
 * `--no-consolidate`: every network function gets a stack of its own, as when each
 * were a program by itself. A chain becomes a chain for each of its functions, which
 * hands all that it does not drop to the next.
 */
import type { ChainIr, NfIr, ProgramIr } from "../ir/ir.ts";
import { planEvents } from "./events.ts";
import { orderPath } from "./order.ts";

/** A published event that a function of a chain hears from another one. */
export interface Crossing {
  readonly chain: string;
  readonly event: string;
  readonly from: string;
  readonly to: string;
}

/** Publications need a common log: with a stack for each function there is none. */
export function crossingsOf(ir: ProgramIr): readonly Crossing[] {
  const heardBy = new Map(planEvents(ir).map((event) => [event.name, event.heard]));
  const nfNamed = new Map(ir.nfs.map((nf) => [nf.name, nf]));
  const publishes = (name: string): readonly string[] => nfNamed.get(name)?.publishes ?? [];
  const hears = (name: string): ReadonlySet<string> =>
    new Set(nfNamed.get(name)?.subscriptions.flatMap(({ event }) => heardBy.get(event) ?? []));
  return ir.chains.flatMap((chain) => {
    const order = orderPath(chain.path);
    return order.flatMap(({ name: to, upstream }) => {
      const heard = hears(to);
      return upstream
        .flatMap((place) => order[place] ?? [])
        .flatMap(({ name: from }) =>
          publishes(from)
            .filter((event) => heard.has(event))
            .map((event) => ({ chain: chain.name, event, from, to })),
        );
    });
  });
}

/** The program with a chain for each function; one without crossings. */
export function separateStacks(ir: ProgramIr): ProgramIr {
  const nfNamed = new Map(ir.nfs.map((nf) => [nf.name, nf]));
  const taken = new Set(ir.chains.map(({ name }) => name));
  return { ...ir, chains: ir.chains.flatMap((chain) => separateChain(chain, nfNamed, taken)) };
}

function separateChain(
  chain: ChainIr,
  nfNamed: ReadonlyMap<string, NfIr>,
  taken: Set<string>,
): readonly ChainIr[] {
  const names = orderPath(chain.path).map(({ name }) => name);
  return names.map((nf, place) => ({
    ...chain,
    name: names.length === 1 ? chain.name : freeName(`${chain.name}__${nf}`, taken),
    path: { kind: "nf", nf },
    places: chain.places.filter((one) => one.nf === nf),
    doc: nfNamed.get(nf)?.doc ?? chain.doc,
    ...(place === names.length - 1 ? {} : { handsOn: "all" }),
  }));
}

/** With one underscore it is a name of what is generated for a function in a chain; with two
 * it may be that of another chain. */
function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}${number}`;
  taken.add(name);
  return name;
}
