/** Connections that stand, and make the monitor hold something. */
import { randomFrom } from "../../../bench/trace/random.ts";
import { ACK, type Path, SYN, type Tape, turned } from "./tape.ts";
import { Witnesses } from "./witnesses.ts";

const SERVER = 0x0a00_0001;
const SERVER_PORT = 80;
const CLIENTS = 0x0b00_0000; // 11.0.0.0/8
const SEED = 71;

/** Client number `i`: an address and port of its own. */
const pathOf = (i: number): Path => ({
  from: CLIENTS + (i >>> 4),
  to: SERVER,
  fromPort: 1024 + (i & 15),
  toPort: SERVER_PORT,
});

const isnOf = (i: number): number => Math.imul(i, 2_654_435_761) >>> 0;
const peerOf = (i: number): number => Math.imul(i, 40_503_001) >>> 0;

function open(tape: Tape, i: number): void {
  const path = pathOf(i);
  tape.tcp(path, isnOf(i), 0, SYN);
  tape.tcp(turned(path), peerOf(i), isnOf(i) + 1, SYN | ACK);
  tape.tcp(path, isnOf(i) + 1, peerOf(i) + 1, ACK);
}

/** Bytes [from, from + data.length) of client `i`. */
function send(tape: Tape, i: number, from: number, data: Uint8Array): void {
  tape.tcp(pathOf(i), isnOf(i) + 1 + from, peerOf(i) + 1, ACK, data);
}

export interface Holders {
  readonly flows: number;
  readonly witnesses: number;
  readonly segments: number;
}

/** Each flow is established, sends one piece behind a hole, and never fills it. */
export function* holes(tape: Tape, { flows, witnesses: honest, segments }: Holders): Generator<void> {
  const witnesses = new Witnesses(tape, honest, segments);
  const every = Math.max(1, Math.floor(flows / Math.max(1, witnesses.steps)));
  const piece = Buffer.alloc(64, "h");
  yield* witnesses.open();
  for (let i = 0; i < flows; i++) {
    open(tape, i);
    send(tape, i, 100, piece);
    if (i % every === 0) witnesses.step();
    yield;
  }
  yield* witnesses.close();
}

export interface Backwards extends Holders {
  /** One-byte segments of each flow. */
  readonly bytes: number;
}

/** The bytes of a window from its end to its second byte, one a segment; window after window, none ever filled. */
export function* backwards(
  tape: Tape,
  { flows, bytes, witnesses: honest, segments }: Backwards,
): Generator<void> {
  const window = 60_000;
  const witnesses = new Witnesses(tape, honest, segments);
  const every = Math.max(1, Math.floor((flows * bytes) / Math.max(1, witnesses.steps)));
  const random = randomFrom(SEED);
  const one = Buffer.alloc(1);
  let count = 0;
  yield* witnesses.open();
  for (let i = 0; i < flows; i++) open(tape, i);
  yield;
  for (let sent = 0; sent < bytes; sent++) {
    // The window is gone through again and again: copies with other bytes, backwards.
    const at = window - (sent % window);
    one[0] = random() & 0xff;
    for (let i = 0; i < flows; i++) {
      send(tape, i, at, one);
      if (count++ % every === 0) witnesses.step();
      yield;
    }
  }
  yield* witnesses.close();
}

/** The same, but each window is filled and acknowledged at last: the whole stream arrives, backwards. */
export function* backwardsWhole(
  tape: Tape,
  { flows, bytes, witnesses: honest, segments }: Backwards,
): Generator<void> {
  const window = 60_000;
  const witnesses = new Witnesses(tape, honest, segments);
  const every = Math.max(1, Math.floor((flows * bytes) / Math.max(1, witnesses.steps)));
  const one = Buffer.alloc(1, "b");
  let count = 0;
  yield* witnesses.open();
  for (let i = 0; i < flows; i++) open(tape, i);
  yield;
  for (let from = 0; from < bytes; from += window) {
    const to = Math.min(from + window, bytes);
    for (let at = to - 1; at >= from; at--) {
      for (let i = 0; i < flows; i++) {
        send(tape, i, at, one);
        if (count++ % every === 0) witnesses.step();
        yield;
      }
    }
    for (let i = 0; i < flows; i++) tape.tcp(turned(pathOf(i)), peerOf(i) + 1, isnOf(i) + 1 + to, ACK);
    yield;
  }
  yield* witnesses.close();
}

/** Connections that stand and stay: each sends some in-order bytes, then nothing. */
export function* standing(
  tape: Tape,
  { flows, witnesses: honest, segments, bytes }: Backwards,
): Generator<void> {
  const witnesses = new Witnesses(tape, honest, segments);
  const every = Math.max(1, Math.floor(flows / Math.max(1, witnesses.steps)));
  const data = Buffer.alloc(bytes, "s");
  yield* witnesses.open();
  for (let i = 0; i < flows; i++) {
    open(tape, i);
    if (bytes > 0) send(tape, i, 0, data);
    if (i % every === 0) witnesses.step();
    yield;
  }
  yield* witnesses.close();
}

/** Time that passes while nobody says anything; all that is due then is due before the packet that follows. */
const LONG = 61_000_000_000;
/** Timers of the chains that are attacked are due after less. */
const SHORTLY = 50_000_000;

/** All connections begin in one instant, so that all that is due for them is due together. */
export function* together(
  tape: Tape,
  { flows, witnesses: honest, segments, bytes }: Backwards,
): Generator<void> {
  const witnesses = new Witnesses(tape, honest, segments);
  const gap = tape.gap;
  const data = Buffer.alloc(bytes, "t");
  yield* witnesses.open();
  tape.gap = 0;
  for (let i = 0; i < flows; i++) {
    open(tape, i);
    send(tape, i, 0, data);
    yield;
  }
  tape.gap = gap;
  for (let i = 0; i < witnesses.steps; i++) {
    if (i % honest === 0) tape.wait(SHORTLY);
    witnesses.step();
    yield;
  }
  yield* witnesses.close();
  tape.wait(LONG);
  open(tape, flows);
  yield;
}
