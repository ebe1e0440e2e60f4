/** A flow of a trace: handshake, the client's segments, close of both sides. */
import { ACK, type End, FIN, PSH, type Segment, SYN } from "./frame.ts";
import type { Random } from "./random.ts";

export const HANDSHAKE = 3;
export const CLOSE = 3;

export interface Conversation {
  readonly client: End;
  readonly server: End;
  readonly clientStart: number;
  readonly serverStart: number;
  /** The client's segments, in order; all of one length. */
  readonly payloads: readonly Uint8Array[];
}

const SERVER_IP = 0x0a000002;
const CLIENT_NET = 0x0a010000;

/** Flow `number` of a trace; each has an address and a port of its own. */
export function conversation(number: number, payloads: readonly Uint8Array[], random: Random): Conversation {
  return {
    client: { ip: CLIENT_NET + (number & 0xffff), port: 1024 + (number >>> 16) + (random() % 32_768) },
    server: { ip: SERVER_IP, port: 80 },
    clientStart: random(),
    serverStart: random(),
    payloads,
  };
}

const NOTHING = new Uint8Array(0);
const wrap = (seq: number): number => seq % 0x1_0000_0000;

/** How many packets a conversation with so many segments has. */
export const packetsOf = (segments: number): number => HANDSHAKE + segments + CLOSE;

interface Step {
  readonly fromClient: boolean;
  /** Bytes and flags that each side has sent before, as sequence numbers. */
  readonly sent: number;
  readonly received: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

function step({ payloads }: Conversation, index: number): Step {
  const size = payloads[0]?.length ?? 0;
  const all = 1 + size * payloads.length;
  const data = index - HANDSHAKE;
  if (index === 0) return { fromClient: true, sent: 0, received: 0, flags: SYN, payload: NOTHING };
  if (index === 1) return { fromClient: false, sent: 0, received: 1, flags: SYN | ACK, payload: NOTHING };
  if (index === 2) return { fromClient: true, sent: 1, received: 1, flags: ACK, payload: NOTHING };
  if (data < payloads.length) {
    const payload = payloads[data] ?? NOTHING;
    return { fromClient: true, sent: 1 + size * data, received: 1, flags: PSH | ACK, payload };
  }
  switch (data - payloads.length) {
    case 0:
      return { fromClient: true, sent: all, received: 1, flags: FIN | ACK, payload: NOTHING };
    case 1:
      return { fromClient: false, sent: 1, received: all + 1, flags: FIN | ACK, payload: NOTHING };
    default:
      return { fromClient: true, sent: all + 1, received: 2, flags: ACK, payload: NOTHING };
  }
}

/** Packet `index` of the conversation, from 0. */
export function segmentOf(c: Conversation, index: number): { segment: Segment; fromClient: boolean } {
  const { fromClient, sent, received, flags, payload } = step(c, index);
  const [from, to] = fromClient ? [c.client, c.server] : [c.server, c.client];
  const [ours, theirs] = fromClient ? [c.clientStart, c.serverStart] : [c.serverStart, c.clientStart];
  const ack = (flags & ACK) === 0 ? 0 : wrap(theirs + received);
  return { segment: { from, to, seq: wrap(ours + sent), ack, flags, payload }, fromClient };
}
