/** Frames for captures that tests make: Ethernet, IPv4 or IPv6, TCP or UDP, with right checksums. */

export interface Ends {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
}

export interface FrameTraits {
  readonly ttl?: number;
  readonly tos?: number;
  readonly vlan?: number;
  readonly ethSrc?: string;
  readonly ethDst?: string;
}

export interface SegmentTraits extends FrameTraits {
  /** Letters of `FSRPAUEC`. */
  readonly flags?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  readonly payload?: Uint8Array | string;
}

export const text = (payload: Uint8Array | string | undefined): Buffer =>
  typeof payload === "string" ? Buffer.from(payload, "latin1") : Buffer.from(payload ?? []);

export const isIp6 = (address: string): boolean => address.includes(":");

export function addressBytes(address: string): Buffer {
  if (!isIp6(address)) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const groups = (side: string | undefined) =>
    side === undefined || side === "" ? [] : side.split(":").map((group) => Number.parseInt(group, 16));
  const first = groups(head);
  const last = groups(tail);
  const all = [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}

/** RFC 1071 over whole data; 0 where the checksum inside is right. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  const data = Buffer.concat(parts);
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += ((data[i] ?? 0) << 8) | (data[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export function pseudoHeader(src: string, dst: string, proto: number, length: number): Buffer {
  const tail = Buffer.alloc(isIp6(src) ? 8 : 4);
  if (isIp6(src)) {
    tail.writeUInt32BE(length, 0);
    tail[7] = proto;
  } else {
    tail[1] = proto;
    tail.writeUInt16BE(length, 2);
  }
  return Buffer.concat([addressBytes(src), addressBytes(dst), tail]);
}

const macBytes = (mac: string): Buffer =>
  Buffer.from(mac.split(":").map((byte) => Number.parseInt(byte, 16)));

export function ethernet(type: number, rest: Uint8Array, traits: FrameTraits = {}): Buffer {
  const macs = Buffer.concat([
    macBytes(traits.ethDst ?? "02:00:00:00:00:02"),
    macBytes(traits.ethSrc ?? "02:00:00:00:00:01"),
  ]);
  const tag = Buffer.alloc(traits.vlan === undefined ? 2 : 6);
  if (traits.vlan !== undefined) {
    tag.writeUInt16BE(0x8100, 0);
    tag.writeUInt16BE(traits.vlan, 2);
  }
  tag.writeUInt16BE(type, tag.length - 2);
  const frame = Buffer.concat([macs, tag, rest]);
  return frame.length >= 60 ? frame : Buffer.concat([frame, Buffer.alloc(60 - frame.length)]);
}

export function ipPacket(
  src: string,
  dst: string,
  proto: number,
  rest: Uint8Array,
  traits: FrameTraits = {},
): Buffer {
  if (isIp6(src)) {
    const head = Buffer.alloc(8);
    head.writeUInt32BE((0x60000000 | ((traits.tos ?? 0) << 20)) >>> 0, 0);
    head.writeUInt16BE(rest.length, 4);
    head[6] = proto;
    head[7] = traits.ttl ?? 64;
    return ethernet(0x86dd, Buffer.concat([head, addressBytes(src), addressBytes(dst), rest]), traits);
  }
  const head = Buffer.alloc(12);
  head[0] = 0x45;
  head[1] = traits.tos ?? 0;
  head.writeUInt16BE(20 + rest.length, 2);
  head[6] = 0x40;
  head[8] = traits.ttl ?? 64;
  head[9] = proto;
  const whole = Buffer.concat([head, addressBytes(src), addressBytes(dst)]);
  whole.writeUInt16BE(internetChecksum(whole), 10);
  return ethernet(0x0800, Buffer.concat([whole, rest]), traits);
}

export function tcpFrame(ends: Ends, traits: SegmentTraits): Buffer {
  const payload = text(traits.payload);
  const segment = Buffer.alloc(20 + payload.length);
  segment.writeUInt16BE(ends.sport, 0);
  segment.writeUInt16BE(ends.dport, 2);
  segment.writeUInt32BE((traits.seq ?? 0) >>> 0, 4);
  segment.writeUInt32BE((traits.ack ?? 0) >>> 0, 8);
  segment[12] = 0x50;
  for (const letter of traits.flags ?? "A")
    segment[13] = (segment[13] ?? 0) | (1 << "FSRPAUEC".indexOf(letter));
  segment.writeUInt16BE(traits.window ?? 65000, 14);
  payload.copy(segment, 20);
  segment.writeUInt16BE(internetChecksum(pseudoHeader(ends.src, ends.dst, 6, segment.length), segment), 16);
  return ipPacket(ends.src, ends.dst, 6, segment, traits);
}

export function udpFrame(ends: Ends, payload: Uint8Array | string, traits: FrameTraits = {}): Buffer {
  const bytes = text(payload);
  const datagram = Buffer.alloc(8 + bytes.length);
  datagram.writeUInt16BE(ends.sport, 0);
  datagram.writeUInt16BE(ends.dport, 2);
  datagram.writeUInt16BE(datagram.length, 4);
  bytes.copy(datagram, 8);
  datagram.writeUInt16BE(
    internetChecksum(pseudoHeader(ends.src, ends.dst, 17, datagram.length), datagram) || 0xffff,
    6,
  );
  return ipPacket(ends.src, ends.dst, 17, datagram, traits);
}

export interface MessageTraits extends FrameTraits {
  /** The four bytes behind the checksum. */
  readonly word?: number;
  readonly body?: Uint8Array | string;
}

/** ICMP, or ICMPv6 between addresses of IPv6. */
export function icmpFrame(
  src: string,
  dst: string,
  type: number,
  code: number,
  traits: MessageTraits = {},
): Buffer {
  const head = Buffer.from([type, code, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(traits.word ?? 0x00010001, 4);
  const message = Buffer.concat([head, text(traits.body)]);
  const proto = isIp6(src) ? 58 : 1;
  const pseudo = isIp6(src) ? [pseudoHeader(src, dst, proto, message.length)] : [];
  message.writeUInt16BE(internetChecksum(...pseudo, message), 2);
  return ipPacket(src, dst, proto, message, traits);
}

/** An error that quotes the IP packet of an untagged frame, at most 128 bytes of it. */
export function icmpError(
  from: string,
  to: string,
  type: number,
  code: number,
  about: Buffer,
  traits: FrameTraits & { readonly word?: number } = {},
): Buffer {
  return icmpFrame(from, to, type, code, { word: 0, ...traits, body: about.subarray(14, 142) });
}

export const reversed = ({ src, dst, sport, dport }: Ends): Ends => ({
  src: dst,
  dst: src,
  sport: dport,
  dport: sport,
});

/** A TCP connection whose frames are made one by one, numbers kept. */
export class Connection {
  readonly ends: Ends;
  readonly #traits: FrameTraits;
  client: number;
  server: number;

  constructor(
    ends: Partial<Ends> = {},
    numbers: readonly [number, number] = [1000, 5000],
    traits: FrameTraits = {},
  ) {
    this.ends = { src: "10.0.0.1", dst: "10.0.0.2", sport: 40000, dport: 80, ...ends };
    [this.client, this.server] = numbers;
    this.#traits = traits;
  }

  handshake(): readonly Buffer[] {
    const syn = this.#client({ flags: "S", seq: this.client++ });
    const synAck = this.#server({ flags: "SA", seq: this.server++, ack: this.client });
    return [syn, synAck, this.ack("client")];
  }

  /** A side sends bytes. */
  data(from: "client" | "server", payload: Uint8Array | string): Buffer {
    const frame = this.again(from, payload, from === "client" ? this.client : this.server);
    if (from === "client") this.client += payload.length;
    else this.server += payload.length;
    return frame;
  }

  /** Bytes at a number of the test's choice; what comes next stays. */
  again(from: "client" | "server", payload: Uint8Array | string, seq: number): Buffer {
    const traits = { flags: "PA", seq, payload };
    return from === "client"
      ? this.#client({ ...traits, ack: this.server })
      : this.#server({ ...traits, ack: this.client });
  }

  ack(from: "client" | "server"): Buffer {
    return from === "client"
      ? this.#client({ flags: "A", seq: this.client, ack: this.server })
      : this.#server({ flags: "A", seq: this.server, ack: this.client });
  }

  /** FIN of both sides and the last acknowledgement. */
  close(): readonly Buffer[] {
    const fin = this.#client({ flags: "FA", seq: this.client++, ack: this.server });
    const finBack = this.#server({ flags: "FA", seq: this.server++, ack: this.client });
    return [fin, finBack, this.ack("client")];
  }

  reset(from: "client" | "server"): Buffer {
    return from === "client"
      ? this.#client({ flags: "RA", seq: this.client, ack: this.server })
      : this.#server({ flags: "RA", seq: this.server, ack: this.client });
  }

  #client(traits: SegmentTraits): Buffer {
    return tcpFrame(this.ends, { ...this.#traits, ...traits });
  }

  #server(traits: SegmentTraits): Buffer {
    return tcpFrame(reversed(this.ends), { ...this.#traits, ...traits });
  }
}
