// time limit: 300 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildChain } from "../support/chain.ts";
import { Connection } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";

/** In each quarter of the numbers there are, and at both ends. */
const NUMBERS = [0, 0x2000_0000, 0x6000_0000, 0xa000_0000, 0xe000_0000, 0xffff_fffe];

test("a side that nobody heard at first is not heard later, depending on where its numbers begin", async () => {
  const built = await buildChain("other_side");
  const frames = NUMBERS.flatMap((number, i) => {
    const flow = new Connection({ sport: 40_000 + i }, [1000, number]);
    return [
      ...flow.handshake(),
      flow.data("client", "asked"),
      flow.data("server", "one"),
      flow.data("server", "two"),
      ...flow.close(),
    ];
  });
  for (const burst of [1, 32]) {
    const { log, summary } = await built.run(spaced(frames), { burst });
    assert.equal(
      log,
      NUMBERS.flatMap((_, i) => [`${40_000 + i} 0 one`, `${40_000 + i} 3 two`]),
    );
    assert.equal(summary.flows.ended, { fin: NUMBERS.length });
    assert.is(summary.counters["tcp.retransmitted"], 0);
  }
});

test.run();
