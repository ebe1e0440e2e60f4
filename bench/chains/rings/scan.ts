// scan: takes every byte through a table of states, which finds a pattern.
import { scan } from "./scan.gen.js";

const PATTERN = [0x41, 0x42, 0x41];
const STATES = PATTERN.length + 1;

/** By state and byte: the state behind it. The last one has found the pattern. */
const next = new Uint16Array(STATES * 256);
for (let state = 0; state < STATES; state++)
  for (let byte = 0; byte < 256; byte++) {
    const seen = [...PATTERN.slice(0, state), byte];
    let known = Math.min(seen.length, PATTERN.length);
    while (!PATTERN.slice(0, known).every((value, i) => value === seen[seen.length - known + i])) known--;
    next[state * 256 + byte] = known;
  }

/** An instance: in a variable, or a literal's member, V8 would box what outgrows 31 bits. */
class Total {
  sum = 0;
}

const total = new Total();

const handlers = scan({
  data_tcp(_ctx, m) {
    const { bytes, start, end } = m;
    let state = 0;
    let found = 0;
    for (let at = start; at < end; at++) {
      state = next[(state << 8) | (bytes[at] ?? 0)] ?? 0;
      if (state === STATES - 1) found++;
    }
    total.sum += found + state;
  },
});

/** The bench compares it with what the handler in C comes to. */
export default Object.assign(handlers, { sum: () => total.sum });
