/** What a flow of a trace sends, packet by packet: handshake, data, close of both sides. */
import { ACK, FIN, PSH, SYN } from "./frame.ts";
import type { RequestSize, SegmentSize, Size } from "./size.ts";

export interface Step {
  readonly fromClient: boolean;
  readonly flags: number;
  /** Bytes. */
  readonly payload: number;
  /** How many segments with payload this side has sent before. */
  readonly segment: number;
  /** Whether a request begins here. */
  readonly begins: boolean;
  /** Sequence numbers that this side and the other one have used before. */
  readonly sent: number;
  readonly received: number;
}

export type Script = readonly Step[];

/** Packets of the handshake, and of the close. */
export const HANDSHAKE = 3;
export const CLOSE = 3;

/** What a SYN offers, without a scale: the server acknowledges after each half of it. */
const HALF_WINDOW = 32_768;
const ANSWER = 64;
const FULL_SEGMENT = 1448;

class Writer {
  readonly steps: Step[] = [];
  readonly #client = { sent: 0, segments: 0 };
  readonly #server = { sent: 0, segments: 0 };

  send(fromClient: boolean, flags: number, payload = 0, begins = false): void {
    const [side, other] = fromClient ? [this.#client, this.#server] : [this.#server, this.#client];
    this.steps.push({
      fromClient,
      flags,
      payload,
      segment: side.segments,
      begins,
      sent: side.sent,
      received: other.sent,
    });
    side.sent += payload + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
    side.segments += payload === 0 ? 0 : 1;
  }
}

/** Pieces of a request or of an answer, the last one shorter. */
const pieces = (bytes: number): readonly number[] =>
  Array.from({ length: Math.ceil(bytes / FULL_SEGMENT) }, (_, i) =>
    Math.min(FULL_SEGMENT, bytes - i * FULL_SEGMENT),
  );

function writeSegments(to: Writer, { payloads }: SegmentSize, count: number, rotation: number): void {
  const between = Math.floor(HALF_WINDOW / Math.max(...payloads));
  for (let i = 0; i < count; i++) {
    to.send(true, PSH | ACK, payloads[(i + rotation) % payloads.length], i === 0);
    if ((i + 1) % between === 0) to.send(false, ACK);
  }
}

function writeRequests(to: Writer, { bytes, answer = ANSWER }: RequestSize, count: number): void {
  for (let i = 0; i < count; i++) {
    for (const [n, piece] of pieces(bytes).entries()) to.send(true, PSH | ACK, piece, n === 0);
    for (const piece of pieces(answer)) to.send(false, PSH | ACK, piece);
  }
}

/** `count` is of segments or of requests, as the size says. */
function scriptOf(size: Size, count: number, rotation: number): Script {
  const to = new Writer();
  to.send(true, SYN);
  to.send(false, SYN | ACK);
  to.send(true, ACK);
  if (size.kind === "segments") writeSegments(to, size, count, rotation);
  else writeRequests(to, size, count);
  to.send(true, FIN | ACK);
  to.send(false, FIN | ACK);
  to.send(true, ACK);
  return to.steps;
}

/** Flow `n` follows script `n` modulo their number. All have the same number of packets. */
export function scriptsOf(size: Size, count: number): readonly Script[] {
  const rotations = size.kind === "segments" ? size.payloads.length : 1;
  return Array.from({ length: rotations }, (_, rotation) => scriptOf(size, count, rotation));
}

/** How many data packets a flow has for each of what `count` counts. */
export const packetsEach = (size: Size): number =>
  size.kind === "segments" ? 1 : pieces(size.bytes).length + pieces(size.answer ?? ANSWER).length;
