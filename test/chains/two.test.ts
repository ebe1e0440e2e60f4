// time limit: 300 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildChain } from "../support/chain.ts";
import { Connection, udpFrame } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";

test("two chains on the same ports take each other's packets, or change their order", async () => {
  const built = await buildChain("two");
  const udp = (dport: number): Buffer => udpFrame({ src: "10.0.0.1", dst: "10.0.0.2", sport: 9, dport }, "x");
  const [syn, ...rest] = new Connection().handshake();
  const frames = [udp(53), ...(syn === undefined ? [] : [syn]), udp(99), ...rest, udp(53)];
  for (const burst of [1, 32]) {
    const run = await built.run(spaced(frames), { burst });
    assert.equal(
      run.out.map(({ frame }) => frame.toString("hex")),
      frames.map((frame) => frame.toString("hex")),
    );
    assert.equal([...run.log].sort(), ["pages 80", "queries 53", "queries 53"]);
    assert.is(run.summary.flows.started, 1);
  }
});

test.run();
