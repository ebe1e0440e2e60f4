/** Peers are measured where they are installed, checked like chains, and named where they are not. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { hugepagesFree } from "../../bench/peers/hugepages.ts";
import { findPeer, type Peer } from "../../bench/peers/peer.ts";
import { presentRows } from "../../bench/peers/present.ts";
import { readStatistics, received, testpmd } from "../../bench/peers/testpmd.ts";
import { BenchError } from "../../bench/process.ts";
import { comparisons } from "../../bench/rows.ts";
import { render } from "../../bench/table.ts";
import { roundRobin } from "../../bench/trace/order.ts";
import { framesOf } from "../../bench/trace/size.ts";
import { type TraceSpec, traceCounts } from "../../bench/trace/spec.ts";
import { makeTrace } from "../../bench/trace/trace.ts";
import { makeTempFolder } from "../support/temp.ts";

const SPEC: TraceSpec = { seed: 1, size: framesOf(64), each: 4, order: roundRobin(10) };
const COUNTS = traceCounts(SPEC);

function program(text: string): string {
  const path = join(makeTempFolder("peer"), "dpdk-testpmd");
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

const failsWith = (words: string) => (error: unknown) =>
  error instanceof BenchError && error.message.includes(words);

/** As testpmd of DPDK 22.11 prints them. */
const statistics = (packets: number, bytes: number, rate: number, nombuf = 0): string => `
  ######################## NIC statistics for port 0  ########################
  RX-packets: ${packets}     RX-missed: 0          RX-bytes:  ${bytes}
  RX-errors: 0
  RX-nombuf:  ${nombuf}         
  TX-packets: 0          TX-errors: 0          TX-bytes:  0

  Throughput (since last show)
  Rx-pps:     ${rate}          Rx-bps:   8936434640
  Tx-pps:            0          Tx-bps:            0
  ############################################################################
`;

test("a peer is looked for in PATH", () => {
  const path = program("");
  assert.is(findPeer(testpmd, `/nowhere::${join(path, "..")}`), path);
  assert.is(findPeer(testpmd, "/nowhere"), undefined);
  chmodSync(path, 0o644);
  assert.is(findPeer(testpmd, join(path, "..")), undefined);
});

test("what compares with a peer that is not installed is left out, and the peer is named", () => {
  const { rows, absent } = presentRows(comparisons, () => undefined);
  assert.ok(rows.every(({ subject, baseline }) => subject.kind === "chain" && baseline.kind === "chain"));
  assert.ok(absent.some(({ peer }) => peer === "testpmd"));
  const conditions = { rounds: 5, march: "x86-64-v2", elapsedSeconds: 1, absent };
  const text = render({ subjects: [], comparisons: [] }, conditions);
  assert.match(
    text,
    "testpmd is not installed (Debian's package dpdk-dev): not measured: replay, replay-1448",
  );
});

test("with all peers installed nothing is left out", () => {
  const { rows, absent } = presentRows(comparisons, ({ program: name }: Peer) => `/usr/bin/${name}`);
  assert.is(rows.length, comparisons.length);
  assert.equal(absent, []);
});

test("statistics of testpmd are read once they are whole", () => {
  const text = `testpmd> show port stats 0\n${statistics(100, 6000, 0)}testpmd> ${statistics(300, 18_000, 50)}`;
  assert.equal(readStatistics(text), [
    { packets: 100, bytes: 6000, lost: 0, packetsPerSecond: 0 },
    { packets: 300, bytes: 18_000, lost: 0, packetsPerSecond: 50 },
  ]);
  assert.is(readStatistics(text.slice(0, -200)).length, 1);
});

const mean = COUNTS.bytes / COUNTS.packets;
const port = (packets: number, length = mean, lost = 0) => ({
  packets,
  bytes: Math.round(packets * length),
  lost,
  packetsPerSecond: 1000,
});

test("a peer that received less than a lap, other lengths, or lost packets ends the bench", () => {
  assert.equal(received(COUNTS, port(1000), port(3000)), { packets: 2000, seconds: 2 });
  assert.throws(() => received(COUNTS, port(1000), port(1010)), failsWith("not a lap"));
  assert.throws(() => received(COUNTS, port(0), port(3000, mean + 2)), failsWith("bytes a packet"));
  assert.throws(() => received(COUNTS, port(0), port(3000, mean, 1)), failsWith("lost 1 packets"));
});

const FAKE = (first: string, second: string): string => `#!/bin/bash
printf 'testpmd> '
shown=0
while read -r line; do
  case $line in
  "show port stats 0") shown=$((shown + 1)); [ $shown = 1 ] && echo '${first}' || echo '${second}' ;;
  quit) exit 0 ;;
  esac
  printf 'testpmd> '
done
`;

test("testpmd is asked twice, and what it received between is the run", async () => {
  const trace = makeTrace(SPEC, makeTempFolder("trace"));
  const bytes = (packets: number) => Math.round(packets * mean);
  const fake = FAKE(statistics(1000, bytes(1000), 0), statistics(9000, bytes(9000), 4000));
  const { packets, seconds } = await testpmd.run(program(fake), trace);
  assert.equal({ packets, seconds }, { packets: 8000, seconds: 2 });
});

test("testpmd that does not start ends the bench with what it said", async () => {
  const trace = makeTrace(SPEC, makeTempFolder("trace"));
  const fake = program("#!/bin/bash\necho 'no such device' >&2\nexit 1\n");
  try {
    await testpmd.run(fake, trace);
    assert.unreachable("it ran");
  } catch (error) {
    assert.ok(failsWith("no such device")(error));
  }
});

test("free hugepages are found in what the kernel says", () => {
  assert.is(
    hugepagesFree("HugePages_Total:    1024\nHugePages_Free:      512\nHugepagesize:       2048 kB\n"),
    2 ** 30,
  );
  assert.is(hugepagesFree("MemTotal: 1 kB\n"), 0);
});

test.run();
