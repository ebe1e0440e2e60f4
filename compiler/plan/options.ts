/** What the command line may ask of a plan: measures of what the compiler gains, not ways to run. */

export interface PlanOptions {
  /** All network functions of a chain share one stack; else each has its own. */
  readonly consolidate: boolean;
  /** Each network function handles a burst's events before the next one; else one packet's. */
  readonly batches: boolean;
}

export const plainPlan: PlanOptions = { consolidate: true, batches: true };

/** As the command line has them; nothing for a plain plan. */
export function planFlagsOf({ consolidate, batches }: PlanOptions): readonly string[] {
  return [...(consolidate ? [] : ["--no-consolidate"]), ...(batches ? [] : ["--event-by-event"])];
}
