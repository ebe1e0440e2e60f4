/** Slow by design: the lcore is always ahead, as far as rings and records of ended flows allow. */
import { slow } from "./slow.gen.js";

/** Rounds of a loop that the engine cannot leave out: some microseconds. */
const ROUNDS = 2_000;

let sink = 0;

function dawdle(): void {
  for (let i = 0; i < ROUNDS; i++) sink = (Math.imul(sink, 31) + i) | 0;
}

export default slow({
  begun: dawdle,
  over: dawdle,
  udp() {},
  gap() {},
  whole() {},
  broken() {},
});
