/** Numbers that look random and are the same for a seed: Mulberry32. */
export type Random = () => number;

/** Each call gives an unsigned 32-bit number. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** A number that belongs to `of` and `what`, without any state: streams need none for a million flows. */
export function numberFor(seed: number, of: number, what: number): number {
  return randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(of, 0x85ebca6b) ^ Math.imul(what, 0xc2b2ae35))();
}
