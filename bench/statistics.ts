/** Medians with ranges, and when a ratio may be printed. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/** A range over fewer rounds says too little. */
export const FEWEST_ROUNDS = 5;

/** Whether every round lies within `claim` of the median: what is claimed of it holds in each. */
export function holds(rounds: readonly number[], claim: number): boolean {
  const ratio = spreadOf(rounds);
  if (rounds.length < FEWEST_ROUNDS) return false;
  return ratio.min >= ratio.median * (1 - claim) && ratio.max <= ratio.median * (1 + claim);
}
