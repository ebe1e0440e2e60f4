/** IP fragments of frames that tests make. */
import { ethernet, internetChecksum } from "./frames.ts";

const ETHERNET = 14;

/** From a byte of the datagram's data, a multiple of 8, to another. */
export interface Cut {
  readonly from: number;
  readonly to: number;
}

/** Equal cuts of a frame's data. */
export function cutsOf(frame: Buffer, size: number): readonly Cut[] {
  const length = dataOf(frame).length;
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => ({
    from: i * size,
    to: Math.min(length, i * size + size),
  }));
}

/** The data that is cut: without the padding of short frames. */
function dataOf(frame: Buffer): Buffer {
  const ip = frame.subarray(ETHERNET);
  return (ip[0] ?? 0) >> 4 === 6
    ? ip.subarray(40, 40 + ip.readUInt16BE(4))
    : ip.subarray(20, ip.readUInt16BE(2));
}

/** One fragment of a frame. */
export function fragment(frame: Buffer, id: number, { from, to }: Cut): Buffer {
  const ip = frame.subarray(ETHERNET);
  const data = dataOf(frame);
  const more = to < data.length;
  if ((ip[0] ?? 0) >> 4 === 6) {
    const head = Buffer.from(ip.subarray(0, 48));
    head[6] = 44;
    head.writeUInt16BE(8 + to - from, 4);
    head.writeUInt16BE((ip[6] ?? 0) << 8, 40);
    head.writeUInt16BE(from | (more ? 1 : 0), 42);
    head.writeUInt32BE(id, 44);
    return ethernet(0x86dd, Buffer.concat([head, data.subarray(from, to)]));
  }
  const head = Buffer.from(ip.subarray(0, 20));
  head.writeUInt16BE(20 + to - from, 2);
  head.writeUInt16BE(id, 4);
  head.writeUInt16BE((from >> 3) | (more ? 0x2000 : 0), 6);
  head.writeUInt16BE(0, 10);
  head.writeUInt16BE(internetChecksum(head), 10);
  return ethernet(0x0800, Buffer.concat([head, data.subarray(from, to)]));
}

export function fragments(frame: Buffer, id: number, size: number): readonly Buffer[] {
  return cutsOf(frame, size).map((cut) => fragment(frame, id, cut));
}
