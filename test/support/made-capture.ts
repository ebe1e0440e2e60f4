/** Captures as tests make and read them: classic pcap, Ethernet, nanoseconds. */
import { readFileSync, writeFileSync } from "node:fs";

export interface Timed {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly frame: Buffer;
}

const MAGIC_NS = 0xa1b23c4d;
const SECOND = 1_000_000_000n;

/** Where the clocks of made captures begin. */
export const EPOCH = 1_700_000_000n * SECOND;

/** Frames so close that a burst takes many: it ends with its millisecond. */
export const spaced = (frames: readonly Buffer[], gap = 1_000n): readonly Timed[] =>
  frames.map((frame, i) => ({ time: EPOCH + BigInt(i) * gap, frame }));

export const LINK_ETHERNET = 1;
export const LINK_RAW = 101;

export function writePcap(file: string, packets: readonly Timed[], link = LINK_ETHERNET): void {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(MAGIC_NS, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(link, 20);
  const parts = packets.flatMap(({ time, frame }) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Number(time / SECOND), 0);
    record.writeUInt32LE(Number(time % SECOND), 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  writeFileSync(file, Buffer.concat([header, ...parts]));
}

export function readPcap(file: string): readonly Timed[] {
  const bytes = readFileSync(file);
  const magic = bytes.readUInt32LE(0);
  if (magic !== MAGIC_NS && magic !== 0xa1b2c3d4) throw new Error(`${file} is no pcap of this machine`);
  const unit = magic === MAGIC_NS ? 1n : 1000n;
  const packets: Timed[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    const time = BigInt(bytes.readUInt32LE(at)) * SECOND + BigInt(bytes.readUInt32LE(at + 4)) * unit;
    packets.push({ time, frame: bytes.subarray(at + 16, at + 16 + length) });
    at += 16 + length;
  }
  return packets;
}
