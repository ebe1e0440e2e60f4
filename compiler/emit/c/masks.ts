/** Tests and changes of a flow's subscription mask, as C. */

/** Whether any of the bits is on: one test a word. */
export function anyBit(flow: string, bits: readonly number[]): string {
  const words = byWord(bits);
  if (words.length === 0) return "false";
  const tests = words.map(([word, value]) => `(${flow}->mask[${word}] & ${hex(value)})`);
  return tests.length === 1 ? `${tests[0]} != 0` : `(${tests.join(" | ")}) != 0`;
}

/** Whether none of the bits is on. */
export function noBit(flow: string, bits: readonly number[]): string {
  const test = anyBit(flow, bits);
  return test === "false" ? "true" : `!${/^\((.*)\) != 0$/.exec(test)?.[0].replace(/ != 0$/, "")}`;
}

export function setBits(flow: string, bits: readonly number[]): readonly string[] {
  return byWord(bits).map(([word, value]) => `${flow}->mask[${word}] |= ${hex(value)};`);
}

export function clearBit(flow: string, bit: number): string {
  return `${flow}->mask[${Math.floor(bit / 64)}] &= ~${hex(1n << BigInt(bit % 64))};`;
}

function byWord(bits: readonly number[]): readonly (readonly [number, bigint])[] {
  const words = new Map<number, bigint>();
  for (const bit of bits) {
    const word = Math.floor(bit / 64);
    words.set(word, (words.get(word) ?? 0n) | (1n << BigInt(bit % 64)));
  }
  return [...words].sort(([a], [b]) => a - b);
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}ull`;
}
