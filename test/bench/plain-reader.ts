/** Counts what is in a capture of TCP over IPv4 from its bytes alone, knowing nothing of who wrote it. */
import { readFileSync } from "node:fs";

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const IP = 14;
const FIN = 0x01;
const SYN = 0x02;
const ACK = 0x10;

export interface ReadSegment {
  readonly frame: Buffer;
  readonly fromServer: boolean;
  /** The client's address and port. */
  readonly flow: string;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly window: number;
  readonly payload: Buffer;
}

function readSegment(frame: Buffer): ReadSegment {
  const tcp = IP + ((frame[IP] ?? 0) & 0x0f) * 4;
  const end = IP + frame.readUInt16BE(IP + 2);
  const fromServer = frame.readUInt16BE(tcp) === 80;
  const client = fromServer ? [IP + 16, tcp + 2] : [IP + 12, tcp];
  return {
    frame,
    fromServer,
    flow: `${frame.readUInt32BE(client[0])}:${frame.readUInt16BE(client[1] ?? 0)}`,
    flags: frame[tcp + 13] ?? 0,
    seq: frame.readUInt32BE(tcp + 4),
    ack: frame.readUInt32BE(tcp + 8),
    window: frame.readUInt16BE(tcp + 14),
    payload: frame.subarray(tcp + ((frame[tcp + 12] ?? 0) >> 4) * 4, end),
  };
}

export function readSegments(path: string): readonly ReadSegment[] {
  const file = readFileSync(path);
  const found: ReadSegment[] = [];
  for (let at = FILE_HEADER; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    found.push(readSegment(file.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length)));
    at += RECORD_HEADER + length;
  }
  return found;
}

const has = (flag: number) => (segment: ReadSegment) => (segment.flags & flag) !== 0;

function sent(segments: readonly ReadSegment[], server: boolean) {
  const data = segments.filter(({ fromServer, payload }) => fromServer === server && payload.length > 0);
  return { segments: data.length, payload: data.reduce((sum, { payload }) => sum + payload.length, 0) };
}

/** The same as `TraceCounts` has, without attacks. */
export function countsOf(segments: readonly ReadSegment[]) {
  const opened = segments.filter((s) => has(SYN)(s) && !s.fromServer).map(({ flow }) => flow);
  const answered = segments.filter((s) => has(SYN)(s) && s.fromServer).map(({ flow }) => flow);
  const finished = (server: boolean) =>
    new Set(segments.filter((s) => has(FIN)(s) && s.fromServer === server).map(({ flow }) => flow));
  const [client, server] = [sent(segments, false), sent(segments, true)];
  const finishedByServer = finished(true);
  return {
    packets: segments.length,
    bytes: segments.reduce((sum, { frame }) => sum + frame.length, 0),
    flows: new Set(segments.map(({ flow }) => flow)).size,
    client,
    server,
    events: {
      PKT_TCP: segments.length,
      FLOW_START: opened.length,
      FLOW_ESTABLISHED: answered.length,
      FLOW_END: [...finished(false)].filter((flow) => finishedByServer.has(flow)).length,
      DATA_TCP: client.segments + server.segments,
    },
  };
}

/** Folded sum of 16-bit words with a start value; 0xffff where a checksum in it is right. */
export function foldedSum(bytes: Buffer, start = 0): number {
  let sum = start;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

const distance = (from: number, to: number): number => (to - from) >>> 0;

/** Sentences about segments that are not the next ones of their side, or that the other side has no room for. */
export function outOfPlace(segments: readonly ReadSegment[]): readonly string[] {
  const next = new Map<string, number>();
  const acknowledged = new Map<string, number>();
  const wrong: string[] = [];
  segments.forEach(({ flow, fromServer, flags, seq, ack, payload }, i) => {
    const [side, other] = [`${flow} ${fromServer}`, `${flow} ${!fromServer}`];
    if (seq !== (next.get(side) ?? seq)) wrong.push(`segment ${i} is at ${seq}, not at ${next.get(side)}`);
    const theirs = next.get(other);
    if (theirs !== undefined && ack !== theirs) wrong.push(`segment ${i} acknowledges ${ack}, not ${theirs}`);
    if ((flags & ACK) !== 0) acknowledged.set(other, ack);
    const used = payload.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
    next.set(side, (seq + used) >>> 0);
    const seen = acknowledged.get(side);
    if (seen !== undefined && distance(seen, (seq + used) >>> 0) > 0xffff)
      wrong.push(`segment ${i} is beyond the window that the handshake offered`);
  });
  return wrong;
}
