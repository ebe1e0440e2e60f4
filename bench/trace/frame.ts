/** TCP segments as Ethernet frames with right checksums. */

export const FIN = 0x01;
export const SYN = 0x02;
export const PSH = 0x08;
export const ACK = 0x10;

const ETHERNET = 14;
const IP = 20;
const TCP = 20;

/** Headers of a frame whose segment has no options. */
export const HEADERS = ETHERNET + IP + TCP;

/** What a SYN carries: an MSS of 1460, and a window scale of 7, so that no segment is beyond the window. */
const SYN_OPTIONS = Uint8Array.of(2, 4, 0x05, 0xb4, 1, 3, 3, 7);

export interface End {
  /** IPv4 address as a number. */
  readonly ip: number;
  readonly port: number;
}

export interface Segment {
  readonly from: End;
  readonly to: End;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

const optionsOf = (segment: Segment): Uint8Array =>
  (segment.flags & SYN) === 0 ? new Uint8Array(0) : SYN_OPTIONS;

export function frameLength(segment: Segment): number {
  return HEADERS + optionsOf(segment).length + segment.payload.length;
}

/** Sum of 16-bit words, not folded yet (RFC 1071). */
function sumWords(bytes: Buffer, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at + 1 < to; at += 2) sum += bytes.readUInt16BE(at);
  return (to - from) % 2 === 0 ? sum : sum + ((bytes[to - 1] ?? 0) << 8);
}

function foldSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

function writeEthernet(into: Buffer, at: number, fromClient: boolean): void {
  into.writeUIntBE(fromClient ? 0x020000000002 : 0x020000000001, at, 6);
  into.writeUIntBE(fromClient ? 0x020000000001 : 0x020000000002, at + 6, 6);
  into.writeUInt16BE(0x0800, at + 12);
}

function writeIp(into: Buffer, at: number, segment: Segment, length: number): void {
  into.writeUInt32BE(0x45000000 + length, at);
  into.writeUInt32BE(0x00004000, at + 4); // no fragments
  into.writeUInt32BE(0x40060000, at + 8); // 64 hops, TCP
  into.writeUInt32BE(segment.from.ip, at + 12);
  into.writeUInt32BE(segment.to.ip, at + 16);
  into.writeUInt16BE(foldSum(sumWords(into, at, at + IP)), at + 10);
}

function writeTcp(into: Buffer, at: number, segment: Segment, length: number): void {
  const options = optionsOf(segment);
  into.writeUInt16BE(segment.from.port, at);
  into.writeUInt16BE(segment.to.port, at + 2);
  into.writeUInt32BE(segment.seq, at + 4);
  into.writeUInt32BE(segment.ack, at + 8);
  into[at + 12] = ((TCP + options.length) / 4) << 4;
  into[at + 13] = segment.flags;
  into.writeUInt16BE(0xffff, at + 14);
  into.writeUInt32BE(0, at + 16);
  into.set(options, at + TCP);
  into.set(segment.payload, at + TCP + options.length);
  // Pseudo-header: both addresses stand right before the segment (RFC 9293, 3.1).
  const sum = sumWords(into, at - 8, at + length) + 6 + length;
  into.writeUInt16BE(foldSum(sum), at + 16);
}

/** Writes the frame and returns its length. */
export function writeFrame(into: Buffer, at: number, segment: Segment, fromClient: boolean): number {
  const length = frameLength(segment);
  writeEthernet(into, at, fromClient);
  writeIp(into, at + ETHERNET, segment, length - ETHERNET);
  writeTcp(into, at + ETHERNET + IP, segment, length - ETHERNET - IP);
  return length;
}
