/** Frames of an attack as a pcap stream: written into one buffer again and again, so that ten million cost no garbage. */

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;

const NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET = 14;
const IP = 20;
const TCP = 20;
const UDP = 8;
const FRAME_MAX = 2048;
const BATCH = 1 << 20;
const SECOND = 1_000_000_000;
/** Where the clocks of made captures begin. */
const EPOCH = 1_700_000_000;

const NOTHING = new Uint8Array(0);

/** Both ends of a packet: addresses and ports as numbers. */
export interface Path {
  readonly from: number;
  readonly to: number;
  readonly fromPort: number;
  readonly toPort: number;
}

export const turned = ({ from, to, fromPort, toPort }: Path): Path => ({
  from: to,
  to: from,
  fromPort: toPort,
  toPort: fromPort,
});

export class Tape {
  /** Frames until now. */
  packets = 0;
  /** Nanoseconds between frames. */
  gap: number;
  readonly #buffer = Buffer.alloc(BATCH + FRAME_MAX);
  #at = 0;
  #seconds = EPOCH;
  #nanoseconds = 0;

  constructor(gap: number) {
    this.gap = gap;
    this.#buffer.writeUInt32LE(NANOSECONDS, 0);
    this.#buffer.writeUInt16LE(2, 4);
    this.#buffer.writeUInt16LE(4, 6);
    this.#buffer.writeUInt32LE(262_144, 16);
    this.#buffer.writeUInt32LE(1, 20);
    this.#at = FILE_HEADER;
  }

  get full(): boolean {
    return this.#at >= BATCH;
  }

  /** What was written since the last call; valid until more is. */
  take(): Buffer {
    const batch = this.#buffer.subarray(0, this.#at);
    this.#at = 0;
    return batch;
  }

  /** Lets time pass. */
  wait(nanoseconds: number): void {
    const sum = this.#nanoseconds + nanoseconds;
    this.#seconds += Math.floor(sum / SECOND);
    this.#nanoseconds = sum % SECOND;
  }

  tcp(
    path: Path,
    seq: number,
    ack: number,
    flags: number,
    payload: Uint8Array = NOTHING,
    window = 65_535,
  ): void {
    const at = this.#ip(path, 6, TCP + payload.length, 0);
    const b = this.#buffer;
    b.writeUInt16BE(path.fromPort, at);
    b.writeUInt16BE(path.toPort, at + 2);
    b.writeUInt32BE(seq >>> 0, at + 4);
    b.writeUInt32BE(ack >>> 0, at + 8);
    b[at + 12] = (TCP / 4) << 4;
    b[at + 13] = flags;
    b.writeUInt16BE(window, at + 14);
    b.writeUInt32BE(0, at + 16);
    b.set(payload, at + TCP);
    b.writeUInt16BE(this.#sum(at, TCP + payload.length, 6), at + 16);
    this.#at = at + TCP + payload.length;
  }

  udp(path: Path, payload: Uint8Array = NOTHING): void {
    const at = this.#ip(path, 17, UDP + payload.length, 0);
    const b = this.#buffer;
    b.writeUInt16BE(path.fromPort, at);
    b.writeUInt16BE(path.toPort, at + 2);
    b.writeUInt16BE(UDP + payload.length, at + 4);
    b.writeUInt16BE(0, at + 6);
    b.set(payload, at + UDP);
    b.writeUInt16BE(this.#sum(at, UDP + payload.length, 17) || 0xffff, at + 6);
    this.#at = at + UDP + payload.length;
  }

  /** One fragment: `at` in bytes, a multiple of 8; `more` unless it is the last. */
  fragment(path: Path, id: number, protocol: number, from: number, more: boolean, data: Uint8Array): void {
    const at = this.#ip(path, protocol, data.length, id, (from >>> 3) | (more ? 0x2000 : 0));
    this.#buffer.set(data, at);
    this.#at = at + data.length;
  }

  /** Record, Ethernet and IP headers; where the rest begins. */
  #ip(path: Path, protocol: number, length: number, id: number, fragment = 0x4000): number {
    const b = this.#buffer;
    const size = ETHERNET + IP + length;
    let at = this.#at;
    b.writeUInt32LE(this.#seconds, at);
    b.writeUInt32LE(this.#nanoseconds, at + 4);
    b.writeUInt32LE(size, at + 8);
    b.writeUInt32LE(size, at + 12);
    at += RECORD_HEADER;
    b.writeUIntBE(0x020000000002, at, 6);
    b.writeUIntBE(0x020000000001, at + 6, 6);
    b.writeUInt16BE(0x0800, at + 12);
    at += ETHERNET;
    b.writeUInt32BE(0x45000000 + IP + length, at);
    b.writeUInt16BE(id & 0xffff, at + 4);
    b.writeUInt16BE(fragment, at + 6);
    b.writeUInt32BE(0x40000000 + (protocol << 16), at + 8);
    b.writeUInt32BE(path.from >>> 0, at + 12);
    b.writeUInt32BE(path.to >>> 0, at + 16);
    b.writeUInt16BE(fold(words(b, at, IP)), at + 10);
    this.packets++;
    this.wait(this.gap);
    return at + IP;
  }

  /** With the pseudo-header: both addresses stand right before (RFC 9293, 3.1). */
  #sum(at: number, length: number, protocol: number): number {
    return fold(words(this.#buffer, at - 8, length + 8) + protocol + length);
  }
}

/** Sum of 16-bit words, not folded yet (RFC 1071). */
function words(bytes: Buffer, from: number, length: number): number {
  const end = from + length;
  let sum = 0;
  for (let at = from; at + 1 < end; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return length % 2 === 0 ? sum : sum + ((bytes[end - 1] ?? 0) << 8);
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}
