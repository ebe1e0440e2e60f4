/** A reading of all counters, by name. */
import { type CounterLayout, counterLayout, nfCounters, portCounters } from "./counters.ts";
import type { ChainDescription, Dataplane, ProgramDescription } from "./dataplane.ts";

export type PortCounts = Readonly<Record<(typeof portCounters)[number], number>>;
export type NfCounts = Readonly<Record<(typeof nfCounters)[number], number>>;

export interface Snapshot {
  readonly counters: Readonly<Record<string, number>>;
  readonly ports: Readonly<Record<string, PortCounts>>;
  /** Flows in the tables now. */
  readonly flows: number;
  /** By NF name; over all chains that have it. */
  readonly nfs: Readonly<Record<string, NfCounts>>;
  /** By event name, those that somebody heard; what nobody did is left out. */
  readonly events: Readonly<Record<string, number>>;
}

export class SnapshotReader {
  readonly #dataplane: Pick<Dataplane, "counters" | "instanceCounters">;
  readonly #description: ProgramDescription;
  readonly #layout: CounterLayout;
  readonly #values: Float64Array;

  constructor(dataplane: Pick<Dataplane, "counters" | "instanceCounters">, description: ProgramDescription) {
    this.#dataplane = dataplane;
    this.#description = description;
    this.#layout = counterLayout(description);
    this.#values = new Float64Array(this.#layout.size);
  }

  /** Of all instances together. */
  read(): Snapshot {
    this.#dataplane.counters(this.#values);
    return this.#snapshot();
  }

  /** Of each; none where there is one only. */
  readInstances(): readonly Snapshot[] {
    const { instances } = this.#description;
    if (instances === 1) return [];
    return Array.from({ length: instances }, (_, instance) => {
      this.#dataplane.instanceCounters(instance, this.#values);
      return this.#snapshot();
    });
  }

  #snapshot(): Snapshot {
    const { counters, ports } = this.#description;
    return {
      counters: Object.fromEntries(counters.map(({ name }, i) => [name, this.#at(i)])),
      ports: Object.fromEntries(
        ports.map((name, i) => [name, this.#port(this.#layout.ports + i * portCounters.length)]),
      ),
      flows: this.#layout.chains.reduce((sum, chain) => sum + this.#at(chain.flows), 0),
      nfs: this.#nfs(),
      events: this.#events(),
    };
  }

  #at(index: number): number {
    return this.#values[index] ?? 0;
  }

  /** In the order of `portCounters`. */
  #port(from: number): PortCounts {
    const at = (i: number) => this.#at(from + i);
    return { in: at(0), out: at(1), bytes_in: at(2), bytes_out: at(3), missed: at(4), refused: at(5) };
  }

  /** In the order of `nfCounters`. */
  #nf(from: number): NfCounts {
    const at = (i: number) => this.#at(from + i);
    return { handled: at(0), published: at(1), dropped: at(2), switched: at(3), lost: at(4), errors: at(5) };
  }

  #nfs(): Snapshot["nfs"] {
    const sums: Record<string, NfCounts> = {};
    this.#eachChain((chain, at) => {
      for (const [i, { name }] of chain.nfs.entries()) {
        const here = this.#nf(at.nfs + i * nfCounters.length);
        const before = sums[name];
        sums[name] = before === undefined ? here : addCounts(before, here);
      }
    });
    return sums;
  }

  #events(): Snapshot["events"] {
    const sums: Record<string, number> = {};
    this.#eachChain((chain, at) => {
      for (const [type, name] of chain.events.entries()) {
        const count = this.#at(at.events + type);
        if (name !== null && count > 0) sums[name] = (sums[name] ?? 0) + count;
      }
    });
    return sums;
  }

  #eachChain(visit: (chain: ChainDescription, at: CounterLayout["chains"][number]) => void): void {
    for (const [i, chain] of this.#description.chains.entries()) {
      const at = this.#layout.chains[i];
      if (at !== undefined) visit(chain, at);
    }
  }
}

function addCounts(a: NfCounts, b: NfCounts): NfCounts {
  return {
    handled: a.handled + b.handled,
    published: a.published + b.published,
    dropped: a.dropped + b.dropped,
    switched: a.switched + b.switched,
    lost: a.lost + b.lost,
    errors: a.errors + b.errors,
  };
}
