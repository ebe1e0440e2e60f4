/** In which order the packets of a trace's flows come. */
import { randomFrom } from "./random.ts";

export interface Order {
  readonly label: string;
  readonly flows: number;
  /** How many flows are open at a time: these end before the next begin. */
  readonly together: number;
  /** Packets of one flow in a row. */
  readonly run: number;
  /** Whether flows take turns in another random order each time. */
  readonly shuffled: boolean;
}

const text = (count: number): string => count.toLocaleString("en-US");

export const roundRobin = (flows: number): Order => ({
  label: `${text(flows)} flows round robin`,
  flows,
  together: flows,
  run: 1,
  shuffled: false,
});

export const inRuns = (flows: number, run: number): Order => ({
  label: `${text(flows)} flows in runs of ${run}`,
  flows,
  together: flows,
  run,
  shuffled: false,
});

export const shortFlows = (flows: number, together: number): Order => ({
  label: `${text(flows)} short flows, ${text(together)} at a time`,
  flows,
  together,
  run: 1,
  shuffled: false,
});

export const randomOrder = (flows: number): Order => ({
  label: `${text(flows)} flows in random order`,
  flows,
  together: flows,
  run: 1,
  shuffled: true,
});

/** Fisher and Yates. */
function shuffle(items: Uint32Array, random: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random() % (last + 1);
    const kept = items[last] ?? 0;
    items[last] = items[other] ?? 0;
    items[other] = kept;
  }
}

/** Calls `visit` for each packet of each flow, a flow's own in order. */
export function schedule(
  order: Order,
  packets: number,
  seed: number,
  visit: (flow: number, index: number) => void,
): void {
  const random = randomFrom(seed);
  for (let base = 0; base < order.flows; base += order.together) {
    const flows = Uint32Array.from(
      { length: Math.min(order.together, order.flows - base) },
      (_, i) => base + i,
    );
    for (let first = 0; first < packets; first += order.run) {
      if (order.shuffled) shuffle(flows, random);
      for (const flow of flows)
        for (let index = first; index < Math.min(first + order.run, packets); index++) visit(flow, index);
    }
  }
}
