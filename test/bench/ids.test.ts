// time limit: 400 s
/** Whatever the signature function of the bench is given, it finds what it should. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { IDS_GIVEN, type IdsGiven } from "../../bench/rows/ids.ts";
import { roundRobin } from "../../bench/trace/order.ts";
import { answersOf } from "../../bench/trace/size.ts";
import type { TraceSpec } from "../../bench/trace/spec.ts";
import { makeTrace } from "../../bench/trace/trace.ts";
import { CAPTURE } from "../support/expected.ts";
import { mbx } from "../support/mbx.ts";
import { makeTempFolder } from "../support/temp.ts";

const SPEC: TraceSpec = {
  seed: 3,
  size: answersOf(512, 4096),
  each: 4,
  order: roundRobin(256),
  http: { attackEvery: 64, mixed: true },
};
const LIMIT = 240_000;

/** What alerts say, without the signature's message. */
async function alertsOf(chain: string, capture: string): Promise<readonly string[]> {
  const ran = await mbx(["run", chain, "--capture", capture], { limit: LIMIT });
  assert.is(ran.code, 0, ran.stderr);
  return ran.stdout
    .split("\n")
    .flatMap((line) => /^alert (\d+) severity \d+ (\S+ -> \S+) /.exec(line)?.slice(1).join(" ") ?? [])
    .sort();
}

const chainOf = (given: IdsGiven): string => `bench/chains/ids-${given}.mbx`;

test("in the sample's capture another attack is found than by the sample", async () => {
  const expected = await alertsOf("samples/ids/ids.mbx", CAPTURE);
  assert.is(expected.length, 2);
  for (const given of IDS_GIVEN) assert.equal(await alertsOf(chainOf(given), CAPTURE), expected, given);
});

test("in the bench's trace an alert depends on what is given, but for what servers say", async () => {
  const { path, counts } = makeTrace(SPEC, makeTempFolder("trace"));
  const all = await alertsOf(chainOf("all"), path);
  assert.is(all.length, counts.attacks + counts.leaks);
  assert.equal([counts.attacks, counts.leaks, counts.httpFlows], [4, 4, 64]);
  for (const given of IDS_GIVEN) {
    const heard = given === "client" ? all.filter((line) => line.startsWith("942100 ")) : all;
    assert.equal(await alertsOf(chainOf(given), path), heard, given);
  }
});

test.run();
