/** Seeded captures for the bench, with what is in them. */
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Conversation, conversation, packetsOf, segmentOf } from "./conversation.ts";
import { HEADERS, writeFrame } from "./frame.ts";
import { type Random, randomFrom } from "./random.ts";

/** Raised when a byte of what is written changes, so that no old file is taken for a new one. */
const VERSION = 1;

export interface TraceSpec {
  readonly name: string;
  readonly seed: number;
  /** Frame length on the wire, with the 4 bytes of its check sequence, which no capture has. */
  readonly frame: number;
  readonly flows: number;
  /** The client's segments of each flow. */
  readonly segments: number;
  /** Packets of one flow in a row; 1 is round robin. */
  readonly run: number;
  /** Whether the bytes are HTTP; and every how manyth flow has an attack, in its second segment. */
  readonly http?: { readonly attackEvery: number };
}

/** What a lap over the trace must count. */
export interface TraceCounts {
  readonly packets: number;
  readonly bytes: number;
  readonly flows: number;
  readonly segments: number;
  readonly payload: number;
  readonly attacks: number;
}

export interface Trace {
  readonly spec: TraceSpec;
  readonly counts: TraceCounts;
  readonly path: string;
}

const CHECK_SEQUENCE = 4;
/** A SYN and its answer carry 8 bytes of options. */
const SYN_OPTION_BYTES = 2 * 8;
/** Segment of a flow that has the attack. */
export const ATTACK_SEGMENT = 1;
const ATTACK = "GET /item?id=1 UNION SELECT password FROM users";

export const payloadLength = (spec: TraceSpec): number => spec.frame - CHECK_SEQUENCE - HEADERS;

const isAttack = ({ http }: TraceSpec, flow: number): boolean =>
  http !== undefined && flow % http.attackEvery === 0;

export function traceCounts(spec: TraceSpec): TraceCounts {
  const packets = spec.flows * packetsOf(spec.segments);
  const segments = spec.flows * spec.segments;
  const payload = segments * payloadLength(spec);
  return {
    packets,
    bytes: packets * HEADERS + spec.flows * SYN_OPTION_BYTES + payload,
    flows: spec.flows,
    segments,
    payload,
    attacks: spec.http === undefined ? 0 : Math.ceil(spec.flows / spec.http.attackEvery),
  };
}

/** Letters and digits: nothing that a pattern of the sample could find. */
function filler(length: number, random: Random): Uint8Array {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  return Uint8Array.from({ length }, () => letters.charCodeAt(random() % letters.length));
}

function withText(bytes: Uint8Array, text: string): Uint8Array {
  const copy = bytes.slice();
  copy.set(new TextEncoder().encode(text).subarray(0, copy.length));
  return copy;
}

function payloadsOf(spec: TraceSpec, flow: number, random: Random): readonly Uint8Array[] {
  const base = filler(payloadLength(spec), random);
  const plain = Array.from({ length: spec.segments }, () => base);
  if (spec.http === undefined) return plain;
  return plain.map((bytes, i) => {
    if (i === 0) return withText(bytes, "GET /index.html HTTP/1.1\r\nHost: a\r\nX: ");
    return i === ATTACK_SEGMENT && isAttack(spec, flow) ? withText(bytes, ATTACK) : bytes;
  });
}

function conversationsOf(spec: TraceSpec): readonly Conversation[] {
  const random = randomFrom(spec.seed);
  return Array.from({ length: spec.flows }, (_, flow) =>
    conversation(flow, payloadsOf(spec, flow, random), random),
  );
}

const NANOSECOND_PCAP = 0xa1b23c4d;
const ETHERNET_LINK = 1;
const START_S = 1_700_000_000;
const GAP_NS = 100;
const RECORD_HEADER = 16;
const CHUNK = 1 << 20;

function fileHeader(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(NANOSECOND_PCAP, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(ETHERNET_LINK, 20);
  return header;
}

/** The order of packets: `run` of a flow, then `run` of the next, until none has any. */
function* schedule(spec: TraceSpec): Generator<readonly [flow: number, index: number]> {
  const packets = packetsOf(spec.segments);
  for (let first = 0; first < packets; first += spec.run)
    for (let flow = 0; flow < spec.flows; flow++)
      for (let index = first; index < Math.min(first + spec.run, packets); index++) yield [flow, index];
}

function writeTrace(fd: number, spec: TraceSpec): void {
  const conversations = conversationsOf(spec);
  const chunk = Buffer.alloc(CHUNK + RECORD_HEADER + spec.frame + SYN_OPTION_BYTES);
  let used = fileHeader().copy(chunk);
  let number = 0;
  for (const [flow, index] of schedule(spec)) {
    const of = conversations[flow];
    if (of === undefined) continue;
    const { segment, fromClient } = segmentOf(of, index);
    const length = writeFrame(chunk, used + RECORD_HEADER, segment, fromClient);
    const time = number * GAP_NS;
    chunk.writeUInt32LE(START_S + Math.floor(time / 1e9), used);
    chunk.writeUInt32LE(time % 1e9, used + 4);
    chunk.writeUInt32LE(length, used + 8);
    chunk.writeUInt32LE(length, used + 12);
    used += RECORD_HEADER + length;
    number += 1;
    if (used < CHUNK) continue;
    writeSync(fd, chunk, 0, used);
    used = 0;
  }
  writeSync(fd, chunk, 0, used);
}

/** The trace as a file in `folder`: written once, found again afterwards. */
export function makeTrace(spec: TraceSpec, folder: string): Trace {
  const key = createHash("sha256")
    .update(JSON.stringify([VERSION, spec]))
    .digest("hex")
    .slice(0, 12);
  const path = join(folder, `${spec.name.toLowerCase().replaceAll(" ", "-")}-${key}.pcap`);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const draft = `${path}.${process.pid}`;
    const fd = openSync(draft, "w");
    try {
      writeTrace(fd, spec);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, path);
  }
  return { spec, counts: traceCounts(spec), path };
}
