// time limit: 400 s
// alone: traffic between hosts, and a flood
// Honest connections through a chain that drops, while both sides are flooded with
// raw frames. One run serves all tests of this file; the last ones look at how it ended.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Summary } from "../../runtime/control/summary.ts";
import { keptBuild } from "../support/built.ts";
import { makeBed } from "../support/live-bed.ts";
import { allDropped, type LiveRun, readSummary, startLive } from "../support/mbx.ts";
import { readCounters, whyNoNamespaces } from "../support/netns.ts";
import type { Ran, Running } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";
import { buildTool, type FloodSent, flood, startServer, startTalks } from "./storm/storm.ts";

const reason = whyNoNamespaces();
const CHAIN = "test/chains/storm/storm.mbx";
const CONNECTIONS = 40;
const FLOOD = { connections: CONNECTIONS, frames: 60_000, seconds: 15 };
/** What `guard` drops a flow for. */
const SIGNATURE = "ATTACK-SIGNATURE";

const bed = reason === undefined ? makeBed() : undefined;
let live: LiveRun | undefined;
let ended: Ran | undefined;
let sent: readonly FloodSent[] = [];
let server: Running | undefined;

function theBed() {
  if (bed === undefined) throw new Error("there is no bed");
  return bed;
}

function summary(): Summary {
  if (ended === undefined) throw new Error("the chain has not ended");
  return readSummary(ended);
}

test.after(() => {
  for (const running of [server, live?.running]) running?.kill("SIGKILL");
});

testUnless(
  test,
  reason,
  "an honest connection breaks, or gets other bytes, while both sides are flooded",
  async () => {
    const folder = makeTempFolder("storm");
    const program = await buildTool("flood", folder);
    server = await startServer(theBed());
    live = await startLive(theBed().box, [CHAIN, "-o", keptBuild(CHAIN), ...theBed().bindings, "--json"]);
    const { established, ended } = startTalks(theBed(), CONNECTIONS);
    // Before a connection begins, nobody can tell its forged packets from its own: what
    // they say must not matter. Once it is there, they are outside of its window.
    const before = flood(program, theBed(), { ...FLOOD, seed: 1, text: "harmless" });
    await established;
    const after = flood(program, theBed(), { ...FLOOD, seed: 2, text: SIGNATURE });
    sent = [...(await before), ...(await after)];
    assert.equal(
      (await ended).filter(({ whole }) => !whole),
      [],
    );
  },
);

testUnless(test, reason, "SIGTERM after a flood does not end the run cleanly", async () => {
  assert.ok(live !== undefined, "the chain did not start");
  theBed().silence();
  await new Promise((resolve) => setTimeout(resolve, 500));
  live.running.kill("SIGTERM");
  ended = await live.running.ended;
  assert.is(ended.code, 0, ended.stderr);
});

testUnless(test, reason, "a part of the flood did not reach what it is for", () => {
  for (const side of sent)
    for (const kind of ["syn", "fragment", "data", "reset", "noise", "broken"])
      assert.ok((side[kind] ?? 0) > FLOOD.frames / 10, `${kind}: ${JSON.stringify(side)}`);
  const { counters } = summary();
  for (const counter of [
    "flows.ended_evicted",
    "fragments.evicted",
    "seen.malformed",
    "tcp.ignored_window",
    "tcp.ignored_rst",
  ])
    assert.ok((counters[counter] ?? 0) > 0, counter);
});

testUnless(test, reason, "a frame that was received is neither sent nor counted as dropped, by cause", () => {
  const { packets, ports } = summary();
  const sum = (of: (port: (typeof ports)[string]) => number): number =>
    Object.values(ports).reduce((all, port) => all + of(port), 0);
  assert.is(packets.in, packets.out + allDropped(summary()), JSON.stringify(packets));
  assert.is(
    packets.in,
    sum((port) => port.in),
  );
  assert.is(
    packets.out + packets.injected,
    sum((port) => port.out),
  );
  for (const [name, end] of [
    ["client", theBed().clientPort],
    ["server", theBed().serverPort],
  ] as const) {
    const counted = ports[name];
    const { rx, tx } = readCounters(end);
    assert.ok(counted !== undefined);
    assert.is(counted.in + counted.missed, rx.packets, `${name} receives`);
    assert.is(counted.out + counted.refused, tx.packets + tx.dropped, `${name} sends`);
  }
});

testUnless(test, reason, "a flow that started does not end", () => {
  const { flows, events } = summary();
  const all = Object.values(flows.ended).reduce((sum, count) => sum + count, 0);
  assert.is(flows.started, all, JSON.stringify(flows));
  assert.is(events.FLOW_START, events.FLOW_END);
});

testUnless(test, reason, "the resident size is beyond the printed total and Node's own", () => {
  const { total, resident } = summary().memory;
  assert.ok(resident.highest <= total + resident.own, JSON.stringify({ total, resident }));
});

testUnless(test, reason, "at the end a pool is not as at the start", () => {
  const kept = Object.entries(summary().memory.pools).filter(
    ([, pool]) => pool.used_at_start !== pool.used_at_end,
  );
  assert.equal(kept, []);
});

test.run();
