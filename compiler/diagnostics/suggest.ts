/** Which of the names that exist was probably meant. */

/**
 * The candidate nearest to `name`, or undefined when none is near. A difference
 * in case alone always counts as near; else at most a third of the letters may
 * be wrong. Ties go to the candidate that sorts first, so that the same input
 * gives the same suggestion on any machine.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const folded = name.toLowerCase();
  let best: { readonly candidate: string; readonly cost: number } | undefined;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    const cost = costOf(name, folded, candidate);
    if (cost === undefined) continue;
    if (best === undefined || cost < best.cost || (cost === best.cost && candidate < best.candidate)) {
      best = { candidate, cost };
    }
  }
  return best?.candidate;
}

/** Longer names are not compared: nobody mistypes them, and the cost is quadratic. */
const LONGEST = 80;

function costOf(name: string, folded: string, candidate: string): number | undefined {
  const foldedCandidate = candidate.toLowerCase();
  if (folded === foldedCandidate) return 0.25;
  if (name.length > LONGEST || candidate.length > LONGEST) return undefined;
  const limit = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
  if (Math.abs(name.length - candidate.length) > limit) return undefined;
  const distance = editDistance(folded, foldedCandidate);
  if (distance > limit || distance >= Math.min(name.length, candidate.length)) return undefined;
  // Of two at the same distance, the one written in the same case is nearer.
  return name[0] === candidate[0] ? distance : distance + 0.5;
}

/**
 * Damerau-Levenshtein distance, of optimal string alignment: the number of
 * letters inserted, deleted, replaced, or swapped with their neighbour.
 */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(previous, j) + 1, at(current, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(beforePrevious, j - 2) + 1);
      }
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
