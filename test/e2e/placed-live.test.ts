// time limit: 300 s
// alone: traffic between hosts, and a handler that sleeps
// A function in C on another core than its stack, between hosts: it judges, hangs for a
// while, and goes on. One run of the chain serves all tests of this file.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Summary } from "../../runtime/control/summary.ts";
import { keptBuild } from "../support/built.ts";
import { makeBed, SERVER_ADDRESS } from "../support/live-bed.ts";
import { allDropped, readSummary, startLive } from "../support/mbx.ts";
import { runIn, whyNoNamespaces } from "../support/netns.ts";
import type { Ran } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";
import { SERVER_PORT, startServer, startTalks } from "./storm/storm.ts";

const reason = whyNoNamespaces();
const CONNECTIONS = 4;
/** Seconds: more than the function hangs, and a retransmission behind that. */
const PATIENCE = 30;
const CHAIN = "test/chains/hang_placed/hang_placed.mbx";

let ended: Ran | undefined;
let whole = 0;
let summary: Summary | undefined;

const theEnd = (): { readonly ran: Ran; readonly summary: Summary } => {
  if (ended === undefined || summary === undefined) throw new Error("the chain has not ended");
  return { ran: ended, summary };
};

testUnless(test, reason, "it starts, hangs, goes on and is stopped", async () => {
  const bed = makeBed();
  const server = await startServer(bed);
  const live = await startLive(bed.box, [CHAIN, "-o", keptBuild(CHAIN), ...bed.bindings, "--json"]);
  try {
    const talks = startTalks(bed, CONNECTIONS, { limit: PATIENCE });
    await talks.established;
    const say = `printf 'hang a while' >/dev/tcp/${SERVER_ADDRESS}/${SERVER_PORT}; sleep 1`;
    await runIn(bed.client, ["timeout", "5", "bash", "-c", say]);
    await live.running.untilPrinted(/judge goes on/, 30_000);
    whole = (await talks.ended).filter((talk) => talk.whole).length;
    bed.silence();
    ended = await live.interrupt();
    summary = readSummary(ended);
  } finally {
    for (const running of [live.running, server]) running.kill("SIGKILL");
  }
});

testUnless(test, reason, "it does not end by itself when it is asked to, or a function does not end", () => {
  const { ran } = theEnd();
  assert.is(ran.code, 0, ran.stderr);
  assert.not.match(ran.stderr, "MBX7305");
});

testUnless(test, reason, "bytes are changed, or who waits for a function that hangs waits for ever", () => {
  assert.is(whole, CONNECTIONS);
  assert.ok((theEnd().summary.counters["events.unjudged"] ?? 0) > 0, "who did not wait is counted");
});

testUnless(test, reason, "what a function publishes too late is heard by nobody", () => {
  assert.match(theEnd().ran.stderr, /^heard of 12 bytes$/m);
});

testUnless(test, reason, "a function in C is not told how many events it was not given", () => {
  const { ran } = theEnd();
  const told = [...ran.stderr.matchAll(/^judge was not given (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
  assert.is(told, theEnd().summary.nfs.judge?.lost);
  assert.ok(told > 0);
});

testUnless(test, reason, "a packet is in no count", () => {
  const { packets } = theEnd().summary;
  assert.is(packets.in, packets.out + allDropped(theEnd().summary), JSON.stringify(packets));
});

test.run();
