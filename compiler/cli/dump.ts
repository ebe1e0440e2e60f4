/** `--dump`: a stage of the compiler as JSON. */

/** JSON with what JSON has no word for: bigints become decimal strings, maps objects, sets lists. */
export function dumpJson(value: unknown): string {
  return `${JSON.stringify(value, replace, 2)}\n`;
}

function replace(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  return value;
}
