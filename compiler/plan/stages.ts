/**
 * When each network function of a chain has its turn with a burst, and where the
 * burst's packets wait for a worker. Events go to workers as early as the path
 * allows, before functions beside them run on the stack's core, and answers are
 * waited for as late as possible: so both sides of `(a | b)` work at once.
 */
import type { NfPlan, StagePlan } from "./plan.ts";

/** A function in C on another core than its stack: a worker of the dataplane's own. */
export function isNativeWorker(nf: NfPlan): boolean {
  return nf.outlet >= 0 && nf.ir.handler.language === "c";
}

/** Whether packets, and whoever comes after it, wait until it has answered. */
export function isWaitedFor(nf: NfPlan, nfs: readonly NfPlan[]): boolean {
  if (nf.outlet < 0) return false;
  if (nf.ir.drops || nf.ir.writes.length > 0) return true;
  return isNativeWorker(nf) ? publishesBefore(nf, nfs) : nf.ir.onError === "drop";
}

/** What it publishes has to be in its place before later functions have their turn. */
function publishesBefore(nf: NfPlan, nfs: readonly NfPlan[]): boolean {
  const published = new Set(nf.ir.publishes);
  return nfs.some(
    (other) =>
      other.upstream.includes(nf.place) &&
      other.subscriptions.some((slot) => slot.hears.some((name) => published.has(name))),
  );
}

/** `nfs` in topological order. */
export function planStages(nfs: readonly NfPlan[]): readonly StagePlan[] {
  const turns = new Turns(nfs);
  const waiting: NfPlan[] = [];
  const stages: StagePlan[] = [];
  for (;;) {
    const places: number[] = [];
    for (let next = turns.next(); next !== undefined; next = turns.next()) {
      places.push(next.place);
      if (isWaitedFor(next, nfs)) waiting.push(next);
      else turns.finish(next);
    }
    const awaited = waiting.shift();
    stages.push({ places, waitsFor: awaited?.place ?? -1 });
    if (awaited === undefined) return stages;
    turns.finish(awaited);
  }
}

/** Who can have a turn next. Looks at each pair of functions once: chains have hundreds. */
class Turns {
  readonly #behind: readonly (readonly NfPlan[])[];
  /** By place: how many of those before it are not done. */
  readonly #missing: number[];
  readonly #ready: NfPlan[];

  constructor(nfs: readonly NfPlan[]) {
    const behind = nfs.map((): NfPlan[] => []);
    for (const nf of nfs) for (const place of nf.upstream) behind[place]?.push(nf);
    this.#behind = behind;
    this.#missing = nfs.map((nf) => nf.upstream.length);
    this.#ready = nfs.filter((nf) => nf.upstream.length === 0);
  }

  /** One in a worker, else the first of the path. */
  next(): NfPlan | undefined {
    const first = this.#ready.reduce<NfPlan | undefined>(
      (best, nf) => (best === undefined || comesBefore(nf, best) ? nf : best),
      undefined,
    );
    if (first !== undefined) this.#ready.splice(this.#ready.indexOf(first), 1);
    return first;
  }

  finish(nf: NfPlan): void {
    for (const later of this.#behind[nf.place] ?? []) {
      const missing = (this.#missing[later.place] ?? 0) - 1;
      this.#missing[later.place] = missing;
      if (missing === 0) this.#ready.push(later);
    }
  }
}

function comesBefore(a: NfPlan, b: NfPlan): boolean {
  const inWorker = Number(b.outlet >= 0) - Number(a.outlet >= 0);
  return inWorker < 0 || (inWorker === 0 && a.place < b.place);
}
