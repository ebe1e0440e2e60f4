/** Reads a section of an ELF object: what the compiler of C left of the stack's features. */
import { readFileSync } from "node:fs";

const MAGIC = 0x7f454c46;
const FEATURES = ".mbx.features";

/** Names in section `.mbx.features`, sorted, each once; undefined where it is no 64-bit ELF object. */
export function featuresInObject(file: string): readonly string[] | undefined {
  const bytes = readFileSync(file);
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== MAGIC || bytes[4] !== 2) return undefined;
  const names = sectionsOf(bytes)
    .filter((section) => section.name === FEATURES)
    .flatMap((section) => section.content.toString("latin1").split("\0"))
    .filter((name) => name !== "");
  return [...new Set(names)].sort();
}

interface Section {
  readonly name: string;
  readonly content: Buffer;
}

/** Section headers as in the System V ABI, little-endian, 64 bits. */
function sectionsOf(bytes: Buffer): readonly Section[] {
  const table = Number(bytes.readBigUInt64LE(0x28));
  const size = bytes.readUInt16LE(0x3a);
  const count = bytes.readUInt16LE(0x3c);
  const namesIndex = bytes.readUInt16LE(0x3e);
  const headers = Array.from({ length: count }, (_, index) =>
    bytes.subarray(table + index * size, table + (index + 1) * size),
  );
  const contentOf = (header: Buffer): Buffer => {
    const at = Number(header.readBigUInt64LE(0x18));
    return bytes.subarray(at, at + Number(header.readBigUInt64LE(0x20)));
  };
  const namesHeader = headers[namesIndex];
  if (namesHeader === undefined) return [];
  const names = contentOf(namesHeader);
  return headers.map((header) => {
    const start = header.readUInt32LE(0);
    return { name: names.toString("latin1", start, names.indexOf(0, start)), content: contentOf(header) };
  });
}
