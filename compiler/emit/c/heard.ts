/** Who publishes and what is recorded in a chain: found once, because each of its functions asks. */
import type { ChainPlan } from "../../plan/plan.ts";

interface ChainEvents {
  readonly recorded: ReadonlySet<string>;
  /** By event: places of the functions that publish it. */
  readonly publishers: ReadonlyMap<string, readonly number[]>;
}

const known = new WeakMap<ChainPlan, ChainEvents>();

function eventsOf(chain: ChainPlan): ChainEvents {
  const before = known.get(chain);
  if (before !== undefined) return before;
  const publishers = new Map<string, number[]>();
  for (const { ir, place } of chain.nfs) {
    for (const event of ir.publishes) {
      const places = publishers.get(event);
      if (places === undefined) publishers.set(event, [place]);
      else places.push(place);
    }
  }
  const found = { recorded: new Set(chain.records.map((record) => record.event)), publishers };
  known.set(chain, found);
  return found;
}

export function isRecorded(chain: ChainPlan, event: string): boolean {
  return eventsOf(chain).recorded.has(event);
}

export function publishers(chain: ChainPlan, event: string): readonly number[] {
  return eventsOf(chain).publishers.get(event) ?? [];
}
