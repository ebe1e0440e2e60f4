/** Addresses, sequence numbers and bytes of a trace's flows, from the number of each alone. */
import { ACK, type End, type Segment } from "./frame.ts";
import { numberFor, randomFrom } from "./random.ts";
import type { Step } from "./script.ts";
import { applicationOf, hasAttack, hasLeak, isAttack, isLeak, type TraceSpec } from "./spec.ts";

const SERVER: End = { ip: 0xc0a80002, port: 80 };
/** All clients of a trace are in 10.1.0.0/16, which leaves laps 256 networks in 10.0.0.0/8. */
const CLIENT_NET = 0x0a010000;
const CLIENTS = 65_536;
const FIRST_PORT = 1024;
/** Of a client's ports, those that each of its flows chooses from: sixteen fit. */
const PORTS = 4032;
export const MOST_FLOWS = 16 * CLIENTS;

/** What is random about a flow. */
const PORT = 0;
const CLIENT_START = 1;
const SERVER_START = 2;
const BYTES = 3;

function clientOf(seed: number, flow: number): End {
  const block = Math.floor(flow / CLIENTS);
  return {
    ip: CLIENT_NET + (flow % CLIENTS),
    port: FIRST_PORT + block * PORTS + (numberFor(seed, flow, PORT) % PORTS),
  };
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const POOL = 65_536;
const LARGEST = 1460;

const REQUEST = "GET /index.html HTTP/1.1\r\nHost: a\r\nX: ";
/** A record of a handshake, whatever is in it. */
const RECORD = "\x16\x03\x01";
const LEAK = "HTTP/1.1 500 Oops\r\n\r\nYou have an error in your SQL syntax";
const ATTACK = "GET /item?id=1 UNION SELECT password FROM users";

function withText(bytes: Uint8Array, text: string): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(new TextEncoder().encode(text).subarray(0, copy.length));
  return copy;
}

/** Gives the segment of a flow's step. */
export function segmentsOf(spec: TraceSpec): (flow: number, step: Step) => Segment {
  const random = randomFrom(spec.seed);
  // Letters and digits: nothing that a pattern of a sample could find.
  const pool = Uint8Array.from({ length: POOL + LARGEST }, () =>
    LETTERS.charCodeAt(random() % LETTERS.length),
  );

  const payloadOf = (flow: number, step: Step): Uint8Array => {
    const from = numberFor(spec.seed, flow, BYTES + step.segment) % POOL;
    const plain = pool.subarray(from, from + step.payload);
    if (step.payload === 0) return plain;
    if (hasAttack(spec, flow) && isAttack(step)) return withText(plain, ATTACK);
    if (hasLeak(spec, flow) && isLeak(step)) return withText(plain, LEAK);
    if (!step.begins) return plain;
    switch (applicationOf(spec, flow)) {
      case "http":
        return withText(plain, REQUEST);
      case "tls":
        return withText(plain, RECORD);
      case "other":
        return plain;
    }
  };

  return (flow, step) => {
    const client = clientOf(spec.seed, flow);
    const [ours, theirs] = step.fromClient ? [CLIENT_START, SERVER_START] : [SERVER_START, CLIENT_START];
    return {
      from: step.fromClient ? client : SERVER,
      to: step.fromClient ? SERVER : client,
      seq: (numberFor(spec.seed, flow, ours) + step.sent) >>> 0,
      ack: (step.flags & ACK) === 0 ? 0 : (numberFor(spec.seed, flow, theirs) + step.received) >>> 0,
      flags: step.flags,
      payload: payloadOf(flow, step),
    };
  };
}
