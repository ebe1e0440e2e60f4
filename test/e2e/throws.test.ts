// time limit: 300 s
// alone: traffic between hosts
// Functions in workers that throw, while other connections of theirs go on.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { keptBuild } from "../support/built.ts";
import { type Bed, makeBed, SERVER_ADDRESS } from "../support/live-bed.ts";
import { allDropped, readSummary, startLive } from "../support/mbx.ts";
import { runIn, whyNoNamespaces } from "../support/netns.ts";
import { testUnless } from "../support/skip.ts";
import { SERVER_PORT, startServer, startTalks } from "./storm/storm.ts";

const reason = whyNoNamespaces();
const CONNECTIONS = 6;
/** A worker reports so many, and then only counts. */
const REPORTS = 10;
const LENIENT = REPORTS + 2;
const STRICT = 2;

/** Sends a line in a connection of its own; how many bytes of the answer come back. */
async function say(bed: Bed, line: string): Promise<number> {
  const talk = `exec 3<>/dev/tcp/${SERVER_ADDRESS}/${SERVER_PORT}
printf '${line}' >&3
timeout 2 head -c ${line.length} <&3 | wc -c`;
  const { stdout } = await runIn(bed.client, ["timeout", "10", "bash", "-c", talk]);
  return Number(stdout);
}

testUnless(
  test,
  reason,
  "a function that throws stops others, is not named with its event and flow, or is not counted",
  async () => {
    const bed = makeBed();
    const server = await startServer(bed);
    const chain = "test/chains/throws/throws.mbx";
    const live = await startLive(bed.box, [chain, "-o", keptBuild(chain), ...bed.bindings, "--json"]);
    try {
      const talks = startTalks(bed, CONNECTIONS);
      await talks.established;
      const [lenient, strict] = ["lenient, throw", "strict, throw"];
      for (let i = 0; i < LENIENT; i++)
        assert.is(await say(bed, lenient), lenient.length, "on_error forward: bytes at which it threw pass");
      for (let i = 0; i < STRICT; i++)
        assert.is(await say(bed, strict), 0, "on_error drop: bytes at which it threw do not pass");
      assert.is((await talks.ended).filter((talk) => talk.whole).length, CONNECTIONS);

      bed.silence();
      const ended = await live.interrupt();
      const reports = (nf: string): readonly string[] =>
        ended.stderr.split("\nerror[MBX7301]: ").filter((text) => text.startsWith(`\`${nf}\``));
      for (const [nf, count] of Object.entries({ lenient: REPORTS, strict: STRICT })) {
        const told = reports(nf);
        assert.is(told.length, count, ended.stderr);
        const site = /^`\w+` threw at DATA_TCP: RangeError: told to throw\n.*\bflow (\d+), packet time /;
        const flows = told.flatMap((text) => site.exec(text)?.[1] ?? []);
        assert.is(new Set(flows).size, count, `event, error and flow of each: ${told.join("\n")}`);
      }
      const summary = readSummary(ended);
      const { packets, nfs } = summary;
      assert.is(nfs.lenient?.errors, LENIENT);
      assert.is(nfs.strict?.errors, STRICT);
      assert.is(packets.dropped.error, STRICT, JSON.stringify(packets));
      assert.is(packets.in, packets.out + allDropped(summary), JSON.stringify(packets));
    } finally {
      for (const running of [live.running, server]) running.kill("SIGKILL");
    }
  },
);

test.run();
