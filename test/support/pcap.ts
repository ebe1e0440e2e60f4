// Reads captures as the project records and writes them: an implementation of
// its own, small enough to be seen right, to hold the runtime's against.

/** One frame with its time in microseconds since the epoch. */
export interface Frame {
  readonly time: number;
  readonly bytes: Buffer;
}

/** Frames of a little-endian pcap of Ethernet; throws on anything else. */
export function readPcap(file: Buffer): readonly Frame[] {
  const magic = file.readUInt32LE(0);
  if (magic !== 0xa1b2c3d4 && magic !== 0xa1b23c4d)
    throw new Error(`not a pcap of this machine: ${magic.toString(16)}`);
  const fraction = magic === 0xa1b2c3d4 ? 1 : 1000;
  if (file.readUInt32LE(20) !== 1) throw new Error("not Ethernet");
  const frames: Frame[] = [];
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    if (length !== file.readUInt32LE(at + 12)) throw new Error("a frame is cut short");
    const time = file.readUInt32LE(at) * 1e6 + file.readUInt32LE(at + 4) / fraction;
    frames.push({ time, bytes: file.subarray(at + 16, at + 16 + length) });
    at += 16 + length;
  }
  return frames;
}
