// time limit: 400 s
// A flow that nobody hears any more: the stack tracks it, and produces and holds
// nothing of it.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain, type ChainRun } from "../support/chain.ts";
import { Connection } from "../support/frames.ts";
import { EPOCH } from "../support/made-capture.ts";

const ROUNDS = 200;

let built: BuiltChain;

test.before(async () => {
  built = await buildChain("deaf");
});

/** A first segment that decides, then pairs of segments of which the later comes first. */
function run(first: string, burst: number): Promise<ChainRun> {
  const connection = new Connection();
  const frames = [...connection.handshake(), connection.data("client", first)];
  for (let i = 0; i < ROUNDS; i++) {
    const seq = connection.client;
    const [one, other] = [connection.data("client", "abcde"), connection.again("client", "fghij", seq + 5)];
    connection.client += 5;
    frames.push(other, one, connection.ack("server"), connection.data("server", "ok"));
  }
  // The decision is in a burst of its own, so that it is known when the rest comes.
  const timed = frames.map((frame, i) => ({
    time: EPOCH + BigInt(i) * 1_000n + (i > 3 ? 5_000_000n : 0n),
    frame,
  }));
  return built.run([...timed, ...connection.close().map((frame) => ({ time: EPOCH + 90_000_000n, frame }))], {
    burst,
  });
}

for (const burst of [1, 32]) {
  test(`bytes of a flow that all ignore are raised, or held (burst ${burst})`, async () => {
    const { summary, log } = await run("no!!", burst);
    assert.equal(log, []);
    assert.is(summary.events.DATA_TCP, 1);
    assert.is(summary.counters["held.copied"], 0);
    assert.is(summary.flows.ended.fin, 1, "its end is noticed");
  });

  test(`bytes of a flow that is wanted are not raised (burst ${burst})`, async () => {
    const { summary, log } = await run("yes!", burst);
    assert.ok((summary.events.DATA_TCP ?? 0) > 2 * ROUNDS);
    assert.ok((summary.counters["held.copied"] ?? 0) >= ROUNDS);
    assert.ok(log.length > 2 * ROUNDS);
  });
}

test.run();
