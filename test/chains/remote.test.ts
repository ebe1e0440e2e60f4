// time limit: 400 s
// What a function on another core, slow by design, is shown: each event as of its
// packet, and times that do not depend on how slow it is.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain, type ChainRun } from "../support/chain.ts";
import { Connection } from "../support/frames.ts";
import { EPOCH, type Timed } from "../support/made-capture.ts";

const PORT = 41_001;
const ROUNDS = 60;
const GAP = 400_000n;
/** In a frame of IPv4 without options. */
const TCP_FLAGS = 14 + 20 + 13;
const FIN = 1;

const BURSTS = [1, 256];
const runs = new Map<number, ChainRun>();
let packets: readonly Timed[];
let expected: readonly string[];

/** What happens to one connection, with the right values counted here. */
function conversation(): { readonly packets: readonly Timed[]; readonly lines: readonly string[] } {
  const connection = new Connection({ sport: PORT });
  const sent: Timed[] = [];
  const lines: string[] = [];
  const bytes = { client: 0, server: 0 };
  const offsets = { client: 0, server: 0 };
  const counts = { client: 0, server: 0 };
  const closed = { client: 0, server: 0 };
  let time = EPOCH;
  const send = (
    from: "client" | "server",
    frame: Buffer,
    ...what: readonly (readonly [string, string])[]
  ): void => {
    time += GAP;
    sent.push({ time, frame });
    bytes[from] += frame.length;
    counts[from] += 1;
    closed[from] |= (frame[TCP_FLAGS] ?? 0) & FIN;
    const first = EPOCH + GAP;
    const microseconds = (nanoseconds: bigint) => (nanoseconds / 1000n) % 1_000_000_000_000n;
    const more =
      `all ${counts.client}+${counts.server} ${bytes.client + bytes.server}` +
      ` from ${microseconds(first)} for ${microseconds(time - first)}` +
      ` flags ${closed.client}${closed.server}${counts.server === 0 ? 1 : 0}0`;
    for (const [event, state] of what)
      lines.push(
        `${event} ${(time / 1000n) % 1_000_000_000_000n} packets ${sent.length} bytes ${bytes.client} ${bytes.server} state ${state} ${more}`,
      );
  };
  const data = (from: "client" | "server", length: number): void => {
    const event = `data ${PORT} ${from} ${offsets[from]}`;
    offsets[from] += length;
    send(from, connection.data(from, "x".repeat(length)), [event, "established"]);
  };
  const life = `life ${PORT}`;
  const [syn, synAck, ack] = connection.handshake();
  if (syn === undefined || synAck === undefined || ack === undefined) throw new Error("no handshake");
  send("client", syn, [life, "syn_sent"]);
  send("server", synAck);
  send("client", ack, [life, "established"]);
  for (let i = 0; i < ROUNDS; i++) {
    if (i % 7 === 6) time += 5_000_000n; // timers run out
    data("client", 1 + (i % 40));
    if (i % 3 === 0) data("server", 1 + (i % 7));
    send("server", connection.ack("server"));
  }
  const [fin, finBack, last] = connection.close();
  if (fin === undefined || finBack === undefined || last === undefined) throw new Error("no end");
  send("client", fin);
  send("server", finBack);
  send("client", last, [life, "closed"]);
  return { packets: sent, lines };
}

test.before(async () => {
  const made = conversation();
  packets = made.packets;
  expected = made.lines;
  const built: BuiltChain = await buildChain("remote");
  for (const burst of BURSTS) runs.set(burst, await built.run(packets, { burst }));
});

const linesOf = (burst: number, name: string): readonly string[] =>
  (runs.get(burst)?.log ?? [])
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1));

const isEvent = (line: string): boolean => /^(?:life|data) /.test(line);
const isTimer = (line: string): boolean => line.startsWith("timer ");

for (const burst of BURSTS) {
  test(`a slow function in a worker is shown a later state than that of the packet (burst ${burst})`, () => {
    assert.equal(linesOf(burst, "slow").filter(isEvent), expected);
  });

  test(`a function in C is shown a later state than that of the packet (burst ${burst})`, () => {
    assert.equal(linesOf(burst, "quick").filter(isEvent), expected);
  });

  test(`a slow function in a worker is shown a later round trip time than one in C, packet by packet (burst ${burst})`, () => {
    const [at = 0] = BURSTS;
    const times = linesOf(at, "quick").filter((line) => line.startsWith("rtt "));
    assert.ok(new Set(times.map((line) => line.split(" ").at(-1))).size > 3, "it changes");
    assert.equal(
      linesOf(burst, "slow").filter((line) => line.startsWith("rtt ")),
      times,
    );
  });

  test(`a worker's publication has another time than the event it was made on (burst ${burst})`, () => {
    const said = expected.flatMap((line) => {
      const [, offset, time] = /^data \d+ \w+ (\d+) (\d+) /.exec(line) ?? [];
      return time === undefined ? [] : [`said ${PORT} ${offset} at ${time}`];
    });
    assert.equal(linesOf(burst, "behind"), said);
  });

  test(`a worker's timer comes at another time than one in C, because the worker is slow (burst ${burst})`, () => {
    const timers = linesOf(burst, "quick").filter(isTimer);
    assert.ok(timers.length > 0, "timers fire");
    assert.equal(linesOf(burst, "slow").filter(isTimer), timers);
  });
}

test.run();
