/** MBX5012: a path whose packets wait more often than the dataplane has stages for. */
import type { EventSymbol } from "../bind/model.ts";
import { eventLineage } from "../catalog/lookup.ts";
import type { ChainRule } from "./context.ts";
import { relation, type Step, stepsOf } from "./path-order.ts";

/** `CHAIN_STAGES_MAX` in `lcore/program.h`, less the stage behind the last wait. */
export const MOST_WAITS = 64;

export const waitsFitTheStages: ChainRule = (chain, { report }) => {
  if (chain.path === undefined || chain.poisoned) return;
  const placed = new Set(chain.decl.parts.flatMap((part) => (part.kind === "place" ? [part.nf.text] : [])));
  const steps = stepsOf(chain.path);
  const inWorkers = steps.filter((step) => isInWorker(step, placed));
  if (inWorkers.length <= MOST_WAITS) return;
  const waitedFor = inWorkers.filter((step) => isWaitedFor(step, steps));
  const excess = waitedFor[MOST_WAITS];
  if (excess === undefined) return;
  const what = "network functions in workers or on other cores that packets wait for";
  report(
    "MBX5012",
    excess.name.span,
    { chain: chain.name, what, count: waitedFor.length, limit: MOST_WAITS },
    {
      help: {
        message: "leave functions in C on their stack's core: one without `place` is not waited for",
      },
    },
  );
};

function isInWorker({ nf }: Step, placed: ReadonlySet<string>): boolean {
  const handler = nf.body?.handler?.value ?? "";
  return handler.endsWith(".ts") || (handler.endsWith(".c") && placed.has(nf.name));
}

/** As the plan decides it (`plan/stages.ts`), of a function that is in a worker. */
function isWaitedFor(step: Step, steps: readonly Step[]): boolean {
  const { body } = step.nf;
  if (body === undefined) return false;
  if (body.drops !== undefined || body.writes.length > 0) return true;
  if (body.handler?.value.endsWith(".ts")) return body.onError?.text === "drop";
  const published = new Set(
    body.publishes.flatMap(({ event }) => (event === undefined ? [] : lineage(event))),
  );
  return (
    published.size > 0 &&
    steps.some((other) => relation(step, other) === "before" && hearsOne(other, published))
  );
}

function hearsOne({ nf }: Step, published: ReadonlySet<string>): boolean {
  return (nf.body?.subscriptions ?? []).some(({ part }) => published.has(part.event.text));
}

/** The event and all that it extends: it is heard as each of them. */
function lineage(event: EventSymbol): readonly string[] {
  const names: string[] = [];
  for (let one: EventSymbol | undefined = event; one !== undefined; ) {
    names.push(
      one.name,
      ...(one.base === undefined ? [] : eventLineage(one.base.name).map((def) => def.name)),
    );
    one = one.parent?.kind === "user" ? one.parent.event : undefined;
  }
  return names;
}
