/** A small capture of one HTTP request, so that a new chain has something to run over at once. */

const CLIENT = { mac: [2, 0, 0, 0, 0, 1], ip: [192, 0, 2, 10], port: 40_000 };
const SERVER = { mac: [2, 0, 0, 0, 0, 2], ip: [198, 51, 100, 80], port: 80 };
type Host = typeof CLIENT;

const FIN = 0x01;
const SYN = 0x02;
const PSH = 0x08;
const ACK = 0x10;

const REQUEST = "GET /hello HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n";
const RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n";

interface Segment {
  readonly from: Host;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly data: string;
}

/** The whole session: handshake, request, response, both ends close. */
function session(): readonly Segment[] {
  const sides = { client: 1_000, server: 5_000 };
  const segment = (side: "client" | "server", flags: number, data = ""): Segment => {
    const other = side === "client" ? "server" : "client";
    const from = side === "client" ? CLIENT : SERVER;
    const made = { from, flags, seq: sides[side], ack: flags & ACK ? sides[other] : 0, data };
    sides[side] += data.length + (flags & (SYN | FIN) ? 1 : 0);
    return made;
  };
  return [
    segment("client", SYN),
    segment("server", SYN | ACK),
    segment("client", ACK),
    segment("client", PSH | ACK, REQUEST),
    segment("server", ACK),
    segment("server", PSH | ACK, RESPONSE),
    segment("client", ACK),
    segment("server", FIN | ACK),
    segment("client", FIN | ACK),
    segment("server", ACK),
  ];
}

/** In pcap format, microseconds, Ethernet; the same bytes each time. */
export function exampleCapture(): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  const records = session().map((segment, index) => record(frameOf(segment, index), index));
  return Buffer.concat([header, ...records]);
}

const START_SECONDS = 1_700_000_000;
const STEP_MICROSECONDS = 12_500;

function record(frame: Buffer, index: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(START_SECONDS, 0);
  head.writeUInt32LE(index * STEP_MICROSECONDS, 4);
  head.writeUInt32LE(frame.length, 8);
  head.writeUInt32LE(frame.length, 12);
  return Buffer.concat([head, frame]);
}

function frameOf(segment: Segment, id: number): Buffer {
  const to = segment.from === CLIENT ? SERVER : CLIENT;
  const ethernet = Buffer.from([...to.mac, ...segment.from.mac, 0x08, 0x00]);
  const tcp = tcpOf(segment, to);
  return Buffer.concat([ethernet, ipOf(segment.from, to, id, tcp.length), tcp]);
}

function ipOf(from: Host, to: Host, id: number, length: number): Buffer {
  const ip = Buffer.alloc(20);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(20 + length, 2);
  ip.writeUInt16BE(id + 1, 4);
  ip.writeUInt16BE(0x4000, 6);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(6, 9);
  ip.set(from.ip, 12);
  ip.set(to.ip, 16);
  ip.writeUInt16BE(checksum(ip), 10);
  return ip;
}

function tcpOf(segment: Segment, to: Host): Buffer {
  const tcp = Buffer.alloc(20 + segment.data.length);
  tcp.writeUInt16BE(segment.from.port, 0);
  tcp.writeUInt16BE(to.port, 2);
  tcp.writeUInt32BE(segment.seq, 4);
  tcp.writeUInt32BE(segment.ack, 8);
  tcp.writeUInt8(0x50, 12);
  tcp.writeUInt8(segment.flags, 13);
  tcp.writeUInt16BE(64_240, 14);
  tcp.write(segment.data, 20, "latin1");
  const pseudo = Buffer.from([...segment.from.ip, ...to.ip, 0, 6, tcp.length >> 8, tcp.length & 0xff]);
  tcp.writeUInt16BE(checksum(Buffer.concat([pseudo, tcp])), 16);
  return tcp;
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += at + 1 < bytes.length ? bytes.readUInt16BE(at) : (bytes[at] ?? 0) << 8;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
