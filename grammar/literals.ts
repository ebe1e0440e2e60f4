/** Numbers, addresses and texts: from how they are written to what they are. */

/** What a literal is, or why it is none. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

export type NumberUnit = "none" | "bytes" | "duration";

interface Unit {
  readonly kind: NumberUnit;
  readonly factor: bigint;
}

/** Sizes by 1024, times in nanoseconds. */
export const units: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ["", { kind: "none", factor: 1n }],
  ["B", { kind: "bytes", factor: 1n }],
  ["KB", { kind: "bytes", factor: 1024n }],
  ["MB", { kind: "bytes", factor: 1024n ** 2n }],
  ["GB", { kind: "bytes", factor: 1024n ** 3n }],
  ["ns", { kind: "duration", factor: 1n }],
  ["us", { kind: "duration", factor: 1000n }],
  ["ms", { kind: "duration", factor: 1000n ** 2n }],
  ["s", { kind: "duration", factor: 1000n ** 3n }],
  ["m", { kind: "duration", factor: 60n * 1000n ** 3n }],
  ["h", { kind: "duration", factor: 3600n * 1000n ** 3n }],
]);

/** How other people write our units, in lower case. */
export const unitSynonyms: ReadonlyMap<string, string> = new Map([
  ...["byte", "bytes", "b"].map((word) => [word, "B"] as const),
  ...["k", "kb", "ki", "kib", "kbyte", "kbytes", "kilobytes"].map((word) => [word, "KB"] as const),
  ...["mb", "mi", "mib", "mbyte", "mbytes", "megabytes"].map((word) => [word, "MB"] as const),
  ...["g", "gb", "gi", "gib", "gbyte", "gbytes", "gigabytes"].map((word) => [word, "GB"] as const),
  ...["nsec", "nanos", "nanoseconds"].map((word) => [word, "ns"] as const),
  ...["usec", "µs", "micros", "microseconds"].map((word) => [word, "us"] as const),
  ...["msec", "millis", "milliseconds"].map((word) => [word, "ms"] as const),
  ...["sec", "secs", "second", "seconds"].map((word) => [word, "s"] as const),
  ...["min", "mins", "minute", "minutes"].map((word) => [word, "m"] as const),
  ...["hr", "hrs", "hour", "hours"].map((word) => [word, "h"] as const),
]);

const LARGEST = 2n ** 64n - 1n;
/** Beyond this many digits it is too large whatever they are; converting them would be quadratic. */
const MOST_DIGITS = 60;

export type NumberReading =
  | { readonly kind: "number"; readonly value: bigint; readonly unit: NumberUnit }
  | { readonly kind: "malformed"; readonly reason: string }
  | { readonly kind: "unknown-unit"; readonly digits: string; readonly unit: string }
  | { readonly kind: "too-large" };

/** `80`, `1_000`, `4KB`, `60s`. */
export function readNumber(text: string): NumberReading {
  const digits = /^[0-9_]*/.exec(text)?.[0] ?? "";
  const unit = text.slice(digits.length);
  if (digits === "0" && /^[xXoObB][0-9A-Fa-f_]+$/.test(unit)) {
    return { kind: "malformed", reason: "numbers are decimal" };
  }
  if (/__/.test(digits)) return { kind: "malformed", reason: "two `_` in a row" };
  if (digits.endsWith("_")) return { kind: "malformed", reason: "a `_` stands between digits only" };
  const scale = units.get(unit);
  if (scale === undefined) return { kind: "unknown-unit", digits, unit };
  const plain = digits.replaceAll("_", "").replace(/^0+(?=[0-9])/, "");
  if (plain.length > MOST_DIGITS) return { kind: "too-large" };
  const value = BigInt(plain) * scale.factor;
  return value > LARGEST ? { kind: "too-large" } : { kind: "number", value, unit: scale.kind };
}

export interface Address {
  readonly version: 4 | 6;
  readonly bytes: readonly number[];
  readonly prefix?: number;
}

/** `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`. */
export function readAddress(text: string): Read<Address> {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const version = address.includes(":") ? 6 : 4;
  const bytes = version === 6 ? readIpv6(address) : readIpv4(address);
  if (!bytes.ok) return bytes;
  if (slash < 0) return { ok: true, value: { version, bytes: bytes.value } };
  const written = text.slice(slash + 1);
  const bits = version === 6 ? 128 : 32;
  if (!/^[0-9]{1,3}$/.test(written) || Number(written) > bits) {
    return { ok: false, reason: `the prefix of an IPv${version} address is 0 to ${bits}` };
  }
  return { ok: true, value: { version, bytes: bytes.value, prefix: Number(written) } };
}

function readIpv4(text: string): Read<readonly number[]> {
  const groups = text.split(".");
  if (groups.length !== 4) {
    return { ok: false, reason: `an IPv4 address has four numbers, not ${groups.length}` };
  }
  const wrong = groups.find((group) => !/^[0-9]{1,3}$/.test(group) || Number(group) > 255);
  if (wrong !== undefined) return { ok: false, reason: `\`${wrong}\` is not between 0 and 255` };
  const octal = groups.find((group) => group.length > 1 && group.startsWith("0"));
  if (octal !== undefined) return { ok: false, reason: `\`${octal}\` begins with a zero` };
  return { ok: true, value: groups.map(Number) };
}

function readIpv6(text: string): Read<readonly number[]> {
  const halves = text.split("::");
  if (halves.length > 2) return { ok: false, reason: "`::` stands more than once" };
  const sides: number[][] = [];
  for (const [index, half] of halves.entries()) {
    const side = readGroups(half, index === halves.length - 1);
    if (!side.ok) return side;
    sides.push([...side.value]);
  }
  const [front = [], back = []] = sides;
  const missing = 16 - front.length - back.length;
  if (halves.length === 1) {
    if (missing === 0) return { ok: true, value: front };
    return { ok: false, reason: `an IPv6 address has eight groups, not ${front.length / 2}` };
  }
  if (missing < 2)
    return { ok: false, reason: "`::` stands for at least one group, and all eight are there" };
  return { ok: true, value: [...front, ...new Array<number>(missing).fill(0), ...back] };
}

/** Groups of one side of `::`; the last of all may be an IPv4 address. */
function readGroups(text: string, last: boolean): Read<readonly number[]> {
  if (text === "") return { ok: true, value: [] };
  const groups = text.split(":");
  if (groups.length > 8)
    return { ok: false, reason: `an IPv6 address has eight groups, not ${groups.length}` };
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (group.includes(".") && last && index === groups.length - 1) {
      const embedded = readIpv4(group);
      if (!embedded.ok) return embedded;
      bytes.push(...embedded.value);
      continue;
    }
    if (!/^[0-9A-Fa-f]{1,4}$/.test(group)) {
      return {
        ok: false,
        reason: group === "" ? "a group is empty" : `\`${group}\` is not one to four hexadecimal digits`,
      };
    }
    const value = Number.parseInt(group, 16);
    bytes.push(value >> 8, value & 0xff);
  }
  return { ok: true, value: bytes };
}

/** `02:00:00:00:00:01`, as the lexer lets it through. */
export function readMac(text: string): readonly number[] {
  return text.split(":").map((group) => Number.parseInt(group, 16));
}

export interface TextReading {
  readonly value: string;
  readonly closed: boolean;
  /** Escapes that do not exist, by offset into the text as written. */
  readonly badEscapes: readonly { readonly offset: number; readonly sequence: string }[];
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["0", "\0"],
]);

/** The value of a text from its opening quote on. */
export function readText(text: string): TextReading {
  const badEscapes: { offset: number; sequence: string }[] = [];
  const parts: string[] = [];
  let position = 1;
  while (position < text.length) {
    const stop = nextSpecial(text, position);
    parts.push(text.slice(position, stop));
    if (stop >= text.length) break;
    if (text[stop] === '"') return { value: parts.join(""), closed: true, badEscapes };
    const found = readEscape(text, stop);
    if (found.value === undefined) badEscapes.push({ offset: stop, sequence: found.sequence });
    else parts.push(found.value);
    position = stop + found.sequence.length;
  }
  return { value: parts.join(""), closed: false, badEscapes };
}

function nextSpecial(text: string, from: number): number {
  let position = from;
  while (position < text.length && text[position] !== '"' && text[position] !== "\\") position += 1;
  return position;
}

function readEscape(text: string, offset: number): { readonly sequence: string; readonly value?: string } {
  const simple = escapes.get(text[offset + 1] ?? "");
  if (simple !== undefined) return { sequence: text.slice(offset, offset + 2), value: simple };
  const coded = /^\\(?:x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\})/.exec(text.slice(offset, offset + 10));
  if (coded !== null) {
    const point = Number.parseInt(coded[1] ?? coded[2] ?? "", 16);
    const surrogate = point >= 0xd800 && point <= 0xdfff;
    if (point <= 0x10ffff && !surrogate) return { sequence: coded[0], value: String.fromCodePoint(point) };
    return { sequence: coded[0] };
  }
  const letter = text.codePointAt(offset + 1);
  return { sequence: letter === undefined ? "\\" : `\\${String.fromCodePoint(letter)}` };
}

/** A text as it is written; the inverse of `readText`. */
export function writeText(value: string): string {
  let written = "";
  for (const character of value) written += writeCharacter(character);
  return `"${written}"`;
}

function writeCharacter(character: string): string {
  if (character === "\0") return "\\0";
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  if (character === '"' || character === "\\") return `\\${character}`;
  return character;
}
