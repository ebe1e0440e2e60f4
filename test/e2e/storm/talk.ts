/**
 * Honest hosts.
 *
 *   talk.ts server ADDRESS PORT
 *   talk.ts client ADDRESS PORT FIRST_LOCAL_PORT CONNECTIONS SECONDS
 *
 * A client sends bytes that its port decides, in pieces, and the server answers each
 * byte with another: so what comes back tells of both directions. Prints when all
 * connections are established, and as JSON what became of each.
 */
import { connect, createServer, type Socket } from "node:net";

const PIECES = 160;
const PIECE = 1_000;
const LENGTH = PIECES * PIECE;
/** Milliseconds between pieces, and between the beginnings of connections. */
const PIECE_GAP = 50;
const BEGIN_GAP = 75;
const ANSWER = 0x55;

export interface Talk {
  readonly port: number;
  /** Bytes that came back and were right. */
  readonly right: number;
  readonly whole: boolean;
  readonly error?: string;
  readonly milliseconds: number;
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const byteAt = (position: number, port: number): number => (position * 7 + port) & 0xff;

function piece(index: number, port: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: PIECE }, (_, i) => byteAt(index * PIECE + i, port)));
}

function serve(address: string, port: number): void {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("data", (bytes) => {
      socket.write(bytes.map((byte) => byte ^ ANSWER));
    });
    socket.on("end", () => socket.end());
    socket.on("error", () => socket.destroy());
  });
  server.listen(port, address, () => console.log("listening"));
}

async function send(socket: Socket, port: number): Promise<void> {
  for (let index = 0; index < PIECES && !socket.destroyed; index++) {
    socket.write(piece(index, port));
    await sleep(PIECE_GAP);
  }
  socket.end();
}

function talk(
  address: string,
  port: number,
  localPort: number,
  limit: number,
  connected: () => void,
): Promise<Talk> {
  const start = performance.now();
  let right = 0;
  let error: string | undefined;
  const socket = connect({ host: address, port, localPort, allowHalfOpen: true });
  const timer = setTimeout(() => socket.destroy(new Error("it takes too long")), limit * 1000);
  socket.on("connect", () => {
    connected();
    void send(socket, localPort);
  });
  socket.on("data", (bytes) => {
    for (const byte of bytes) {
      if (byte !== (byteAt(right, localPort) ^ ANSWER)) {
        socket.destroy(new Error(`byte ${right} is another one`));
        return;
      }
      right += 1;
    }
  });
  return new Promise((resolve) => {
    socket.on("error", (fault) => {
      error = fault.message;
    });
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      clearTimeout(timer);
      const whole = error === undefined && right === LENGTH;
      resolve({
        port: localPort,
        right,
        whole,
        ...(error === undefined ? {} : { error }),
        milliseconds: Math.round(performance.now() - start),
      });
    });
  });
}

async function talkAll(
  address: string,
  port: number,
  first: number,
  count: number,
  limit: number,
): Promise<void> {
  const talks: Promise<Talk>[] = [];
  let established = 0;
  const connected = () => {
    established += 1;
    if (established === count) console.log("established");
  };
  for (let i = 0; i < count; i++) {
    talks.push(talk(address, port, first + i, limit, connected));
    await sleep(BEGIN_GAP);
  }
  console.log(JSON.stringify(await Promise.all(talks)));
}

const [, , role = "", address = "", ...numbers] = process.argv;
const [port = 0, first = 0, count = 0, limit = 0] = numbers.map(Number);
if (role === "server") serve(address, port);
else await talkAll(address, port, first, count, limit);
