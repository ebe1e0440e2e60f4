/** Frames around frames: each of the tunnels that `decap` names, with right checksums. */
import { ethernet, type FrameTraits, internetChecksum, ipPacket, text, udpFrame } from "./frames.ts";

const ETHERNET_HEADER = 14;

/** An Ethernet frame of IP, without the padding that it may have. */
export const ipOf = (frame: Buffer): Buffer => {
  const six = frame.readUInt16BE(12) === 0x86dd;
  const length = six ? 40 + frame.readUInt16BE(18) : frame.readUInt16BE(16);
  return frame.subarray(ETHERNET_HEADER, ETHERNET_HEADER + length);
};

const isSix = (ip: Buffer): boolean => (ip[0] ?? 0) >> 4 === 6;

/** Whether it goes from the host with the smaller address. */
const goesForth = (ip: Buffer): boolean => {
  const [from, to] = isSix(ip)
    ? [ip.subarray(8, 24), ip.subarray(24, 40)]
    : [ip.subarray(12, 16), ip.subarray(16, 20)];
  return Buffer.compare(from, to) < 0;
};

/** Ends of the tunnel: they swap with the direction. */
function ends(ip: Buffer, six = false): readonly [string, string] {
  const [near, far] = six ? ["2001:db8::51", "2001:db8::52"] : ["192.0.2.51", "192.0.2.52"];
  return goesForth(ip) ? [near, far] : [far, near];
}

/** The link's addresses swap, too. */
const macs = (ip: Buffer): FrameTraits =>
  goesForth(ip) ? {} : { ethSrc: "02:00:00:00:00:02", ethDst: "02:00:00:00:00:01" };

/** The frame as its sender makes it: with the addresses of its direction, and no padding. */
export const asSent = (frame: Buffer): Buffer => {
  const ip = ipOf(frame);
  return Buffer.concat([ethernet(frame.readUInt16BE(12), ip, macs(ip)).subarray(0, ETHERNET_HEADER), ip]);
};

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, i * 4);
  return bytes;
}

function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, i * 2);
  return bytes;
}

/** Two labels, others in each direction. */
export function inMpls(frame: Buffer): Buffer {
  const ip = ipOf(frame);
  const label = goesForth(ip) ? 100 : 200;
  return ethernet(
    0x8847,
    Buffer.concat([u32((label << 12) | 64, ((label + 1) << 12) | 0x140), ip]),
    macs(ip),
  );
}

export function inPppoe(frame: Buffer, session = 7): Buffer {
  const ip = ipOf(frame);
  const protocol = isSix(ip) ? 0x57 : 0x21;
  return ethernet(0x8864, Buffer.concat([u16(0x1100, session, ip.length + 2, protocol), ip]), macs(ip));
}

/** With a key, and a checksum over it all. */
export function inGre(frame: Buffer, key = 9): Buffer {
  const ip = ipOf(frame);
  const whole = Buffer.concat([u16(0xa000, isSix(ip) ? 0x86dd : 0x0800, 0, 0), u32(key), ip]);
  whole.writeUInt16BE(internetChecksum(whole), 4);
  return ipPacket(...ends(ip), 47, whole, macs(ip));
}

/** Type II, as a mirror port sends it: one way only. */
export function inErspan(frame: Buffer, vlan = 3): Buffer {
  const header = Buffer.concat([u16(0x1000, 0x88be), u32(1), u16(0x1000 | vlan, 5), u32(0)]);
  return ipPacket("192.0.2.51", "192.0.2.52", 47, Buffer.concat([header, asSent(frame)]));
}

export function inIp(frame: Buffer, outer: 4 | 6 = 4): Buffer {
  const ip = ipOf(frame);
  return ipPacket(...ends(ip, outer === 6), isSix(ip) ? 41 : 4, ip, macs(ip));
}

function inUdp(frame: Buffer, dport: number, header: Buffer, six: boolean): Buffer {
  const inner = asSent(frame);
  const ip = ipOf(frame);
  const [src, dst] = ends(ip, six);
  return udpFrame({ src, dst, sport: 50_000, dport }, Buffer.concat([header, inner]), macs(ip));
}

export const inVxlan = (frame: Buffer, vni = 11, six = false): Buffer =>
  inUdp(frame, 4789, u32(0x08000000, vni << 8), six);

/** With an option of eight bytes. */
export const inGeneve = (frame: Buffer, vni = 12, six = true): Buffer =>
  inUdp(frame, 6081, Buffer.concat([u16(0x0200, 0x6558), u32(vni << 8), text("optional")]), six);
