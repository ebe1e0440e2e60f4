// time limit: 400 s
// alone: traffic between hosts, and handlers that take a core
// A function in a worker that never returns, while packets wait for its verdicts.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { keptBuild } from "../support/built.ts";
import { makeBed, SERVER_ADDRESS } from "../support/live-bed.ts";
import { allDropped, readSummary, startLive } from "../support/mbx.ts";
import { runIn, whyNoNamespaces } from "../support/netns.ts";
import { testUnless } from "../support/skip.ts";
import { SERVER_PORT, startServer, startTalks } from "./storm/storm.ts";

const reason = whyNoNamespaces();
const CONNECTIONS = 6;
/** A port of which the function hears nothing. */
const UNHEARD_PORT = 8081;
/** Seconds: much more than a burst waits, and less than its first retransmissions take. */
const PATIENCE = 30;

for (const policy of ["forward", "drop"] as const)
  testUnless(
    test,
    reason,
    `a worker that hangs keeps what it does not hear, or on_overload ${policy} is not obeyed`,
    async () => {
      const bed = makeBed();
      const servers = [await startServer(bed), await startServer(bed, UNHEARD_PORT)];
      const chain = `test/chains/hang_${policy}/hang_${policy}.mbx`;
      const live = await startLive(bed.box, [chain, "-o", keptBuild(chain), ...bed.bindings, "--json"]);
      try {
        const heard = startTalks(bed, CONNECTIONS, { limit: PATIENCE });
        const unheard = startTalks(bed, CONNECTIONS, { port: UNHEARD_PORT, first: 30_000, limit: PATIENCE });
        await Promise.all([heard.established, unheard.established]);
        const say = `printf 'hang for ever' >/dev/tcp/${SERVER_ADDRESS}/${SERVER_PORT}; sleep 1`;
        await runIn(bed.client, ["timeout", "5", "bash", "-c", say]);
        await live.running.untilPrinted(/MBX7305/, 30_000);

        const whole = (talks: Awaited<typeof heard.ended>) => talks.filter((talk) => talk.whole).length;
        assert.is(whole(await unheard.ended), CONNECTIONS, "what it does not hear goes on");
        assert.is(whole(await heard.ended), policy === "forward" ? CONNECTIONS : 0, "what it hears");

        bed.silence();
        await new Promise((resolve) => setTimeout(resolve, 500));
        live.running.kill("SIGTERM");
        await live.running.untilPrinted(/again stops at once/, 30_000);
        live.running.kill("SIGTERM");
        const ended = await live.running.ended;
        assert.match(ended.stderr, /MBX7305\]: `judge` has been in one handler for 5 s/);
        const summary = readSummary(ended);
        const { packets, counters, nfs } = summary;
        assert.is(packets.in, packets.out + allDropped(summary), JSON.stringify(packets));
        assert.ok((counters["events.unjudged"] ?? 0) > 0, "who did not wait is counted");
        // Under `drop` the bytes before it are blocked, and so nothing more is raised.
        const lost = nfs.judge?.lost ?? 0;
        assert.ok(policy === "drop" || lost > 0, "what it was not given is counted");
        const overload = packets.dropped.overload ?? 0;
        assert.ok(policy === "drop" ? overload > 0 : overload === 0, JSON.stringify(packets));
      } finally {
        for (const running of [live.running, ...servers]) running.kill("SIGKILL");
      }
    },
  );

test.run();
