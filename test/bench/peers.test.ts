/** Peers are measured where they are installed, checked like chains, and named where they are not. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { hugepagesFree } from "../../bench/peers/hugepages.ts";
import { findPeer, type Peer } from "../../bench/peers/peer.ts";
import { presentRows } from "../../bench/peers/present.ts";
import { readRun } from "../../bench/peers/suricata.ts";
import { readStatistics, received, testpmd } from "../../bench/peers/testpmd.ts";
import { BenchError } from "../../bench/process.ts";
import { comparisons } from "../../bench/rows.ts";
import { render } from "../../bench/table.ts";
import { roundRobin } from "../../bench/trace/order.ts";
import { framesOf } from "../../bench/trace/size.ts";
import { type TraceSpec, traceCounts } from "../../bench/trace/spec.ts";
import { makeTrace } from "../../bench/trace/trace.ts";
import { ROOT } from "../support/mbx.ts";
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

const everyPeer = ({ program: name }: Peer): string => `/usr/bin/${name}`;

test("what compares with a peer that is not installed is left out, and the peer is named", () => {
  const { rows, absent } = presentRows(comparisons, { find: () => undefined, cpus: 64 });
  assert.ok(rows.every(({ subject, baseline }) => subject.kind === "chain" && baseline.kind === "chain"));
  assert.ok(absent.some(({ reason }) => reason.startsWith("testpmd is not installed")));
  const conditions = { rounds: 5, march: "x86-64-v2", elapsedSeconds: 1, absent };
  const text = render({ subjects: [], comparisons: [] }, conditions);
  assert.match(
    text,
    "testpmd is not installed (Debian's package dpdk-dev): not measured: replay, replay-1448",
  );
});

test("with all peers installed nothing is left out", () => {
  const { rows, absent } = presentRows(comparisons, { find: everyPeer, cpus: 64 });
  assert.is(rows.length, comparisons.length);
  assert.equal(absent, []);
});

test("what needs more CPUs than there are is measured on fewer, or left out without a word", () => {
  const { rows, absent } = presentRows(comparisons, { find: everyPeer, cpus: 1 });
  assert.ok(rows.length < comparisons.length);
  assert.ok(rows.every((row) => row.cpus === undefined || row.cpus === 1));
  assert.ok(
    absent.some(
      ({ reason, comparisons: names }) =>
        reason === "2 CPUs are needed, each for an lcore, and 1 are there" && names.includes("cores-2"),
    ),
  );
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

const OUTPUT = (packets: number): string => `Notice: suricata: Signal Received.  Stopping engine.
Info: suricata: time elapsed 0.155s
Notice: pcap: read 1 file, ${packets} packets, 13873152 bytes
`;
const ALERT = (client: string): string =>
  `11/14/2023-22:13:20.003174  [**] [1:1000001:1] UNION SELECT [**] [Classification: (null)] [Priority: 3] {TCP} ${client} -> 192.168.0.2:80\n`;

test("suricata's time and packets are read, and flows with alerts counted once each", () => {
  const trace = { counts: { ...COUNTS, attacks: 2 } };
  const alerts = ALERT("10.1.0.0:4958") + ALERT("10.1.0.64:2304") + ALERT("10.1.0.0:4958");
  const read = { packets: COUNTS.packets, seconds: 0.155, hugepages: false };
  assert.equal(readRun(trace, OUTPUT(COUNTS.packets), alerts), read);
  const older = OUTPUT(COUNTS.packets).replace("pcap: read 1 file,", "Pcap-file module read 1 files,");
  assert.equal(readRun(trace, older, alerts), read);
});

test("suricata that misses packets or attacks, or says nothing, ends the bench", () => {
  const trace = { counts: { ...COUNTS, attacks: 1 } };
  const alert = ALERT("10.1.0.0:4958");
  assert.throws(() => readRun(trace, OUTPUT(7), alert), failsWith("read 7 packets"));
  assert.throws(() => readRun(trace, OUTPUT(COUNTS.packets), ""), failsWith("about 0 flows"));
  assert.throws(() => readRun(trace, "", alert), failsWith("did not say"));
});

test("suricata looks for the patterns of samples/ids, and for no others", () => {
  const sample = readFileSync(join(ROOT, "samples/ids/signature.c"), "utf8");
  const patterns = /http_patterns\[\] = \{([\s\S]*?)\};/.exec(sample)?.[1] ?? "";
  const ours = [...patterns.matchAll(/\{"(.*?)", "/g)].map(([, text]) => text);
  const rules = readFileSync(join(ROOT, "bench/peers/suricata.rules"), "utf8");
  const theirs = [...rules.matchAll(/content:"(.*?)"; nocase;/g)].map(([, text]) => text);
  assert.ok(ours.length > 0);
  assert.equal(theirs, ours);
});

test("free hugepages are found in what the kernel says", () => {
  assert.is(
    hugepagesFree("HugePages_Total:    1024\nHugePages_Free:      512\nHugepagesize:       2048 kB\n"),
    2 ** 30,
  );
  assert.is(hugepagesFree("MemTotal: 1 kB\n"), 0);
});

test.run();
