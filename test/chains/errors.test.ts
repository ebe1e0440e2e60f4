// time limit: 300 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildChain } from "../support/chain.ts";
import { Connection, udpFrame } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";

test("a throwing handler stops the chain, or its on_error is not obeyed", async () => {
  const built = await buildChain("errors");
  const frame = (dport: number): Buffer =>
    udpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport: 9, dport }, "x");
  const run = await built.run(spaced([1, 2, 3].map(frame)));
  assert.equal(
    run.out.map((packet) => packet.frame.readUInt16BE(36)),
    [1, 3],
  );
  assert.equal(run.log, ["packet 1", "packet 3"]);
  assert.is(run.summary.nfs.lenient?.errors, 1);
  assert.is(run.summary.nfs.strict?.errors, 1);
  assert.equal(run.summary.packets.dropped, { error: 1 });
  assert.match(run.stderr, "this handler always throws");
});

test("bytes at which a handler threw pass when they are sent again", async () => {
  const built = await buildChain("errors_data");
  const a = new Connection();
  const before = [...a.handshake(), a.data("client", "hello")];
  const at = a.client;
  const thrown = a.data("client", "X");
  const run = await built.run(spaced([...before, thrown, a.again("client", "X", at), a.ack("server")]));
  assert.is(run.out.length, before.length + 1);
  assert.is(run.summary.nfs.strict?.errors, 1);
  assert.equal(run.summary.packets.dropped, { error: 1, blocked: 1 });
});

test.run();
