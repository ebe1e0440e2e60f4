// Connections whose servers give orders to the functions of test/chains/switching and
// followers, and what listeners have to be given of them.
import { Connection } from "./frames.ts";
import { type Random, seeded } from "./random.ts";
import { FlowModel, joined, type Step } from "./switching-model.ts";

const FLOWS = 5;
const ORDERS = ["a+", "a-", "b+", "b-", "k+", "k-", "??"];
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

interface Sent {
  readonly step: Step;
  readonly frame: Buffer;
}

/**
 * One connection behind its handshake. Segments come late, twice, cut anew; some
 * reach the server and not the capture. The server acknowledges what it has.
 */
function conversation(
  random: Random,
  port: number,
): { readonly start: readonly Buffer[]; readonly sent: readonly Sent[] } {
  const base = random(3) === 0 ? 0xffffff80 : 1000;
  const connection = new Connection({ sport: port }, [base, 5000]);
  const start = connection.handshake();
  const sent: Sent[] = [];
  const arrived = new Set<number>();
  const late: { from: number; to: number }[] = [];
  let end = 0;
  let top = 0;
  const bytes = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, i) => byteAt(port, from + i)).join("");
  const client = (from: number, to: number): void => {
    for (let at = from; at < to; at++) arrived.add(at);
    top = Math.max(top, to);
    const frame = connection.again("client", bytes(from, to), base + 1 + from);
    sent.push({ step: { kind: "client", from, to }, frame });
  };
  const server = (order: string): void => {
    let ack = 0;
    while (arrived.has(ack) && ack < top) ack++;
    connection.client = base + 1 + ack;
    const frame = order === "" ? connection.ack("server") : connection.data("server", order);
    sent.push({ step: { kind: "server", order, ack }, frame });
  };
  const one = (): void => {
    const length = 1 + random(24);
    const kind = random(10);
    if (kind < 4) client(end, end + length);
    else if (kind === 4) late.push({ from: end, to: end + length });
    else if (kind === 5) for (let at = end; at < end + length; at++) arrived.add(at);
    else if (kind === 6 && end > 0) {
      const from = Math.max(0, end - 1 - random(60));
      client(from, from + length);
      end = Math.max(end, from + length) - length;
    } else if (kind === 7) server("");
    else server(ORDERS[random(ORDERS.length)] ?? "");
    if (kind < 7) end += length;
  };
  for (let i = 12 + random(50); i > 0; i--) {
    one();
    if (late.length > 0 && random(3) === 0)
      for (const { from, to } of late.splice(random(late.length), 1)) client(from, to);
  }
  for (const { from, to } of late) client(from, to);
  client(end, end + 1);
  server("");
  return { start, sent };
}

const byteAt = (port: number, position: number): string =>
  LETTERS[(position * 7 + port) % LETTERS.length] ?? "";

export function traffic(seed: number): {
  readonly frames: readonly Buffer[];
  readonly expected: ReadonlyMap<string, readonly string[]>;
} {
  const random = seeded(seed);
  const flows = Array.from({ length: FLOWS }, (_, i) => {
    const port = 41_000 + i;
    const { start, sent } = conversation(random, port);
    const model = new FlowModel(port, (position) => byteAt(port, position), start.length);
    for (const { step } of sent) model.step(step);
    return { frames: [...start, ...sent.map(({ frame }) => frame)], lines: model.lines };
  });
  const queues = flows.map((flow) => [...flow.frames]);
  const frames: Buffer[] = [];
  while (queues.some((queue) => queue.length > 0)) {
    const queue = queues[random(queues.length)];
    for (let run = 1 + random(6); run > 0; run--) {
      const frame = queue?.shift();
      if (frame !== undefined) frames.push(frame);
    }
  }
  return { frames, expected: byListener(flows.flatMap((flow) => flow.lines)) };
}

export function byListener(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of lines) {
    const key = line.split(" ").slice(0, 2).join(" ");
    found.set(key, [...(found.get(key) ?? []), line]);
  }
  return new Map([...found].map(([key, all]) => [key, joined(all)]));
}
