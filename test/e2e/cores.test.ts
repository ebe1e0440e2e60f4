// time limit: 400 s
// `cores N`: the same results from several instances, said in the summary, between real
// hosts too; and a word where there are fewer CPUs than lcores.
import { availableParallelism } from "node:os";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeBed, SERVER_ADDRESS, startNginx } from "../support/live-bed.ts";
import { mbx, mbxCommand, ROOT, readSummary, startLive } from "../support/mbx.ts";
import { runIn, whyNoNamespaces } from "../support/netns.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";

const SAMPLE = "samples/ids/ids.mbx";
const CAPTURE = "samples/ids/captures/office.pcap";
/** The capture has two hosts: ports share their flows out. */
const TWO = ["--set", "web.cores=2", "--set", "web.fragments=0"];
const LIMIT = 240_000;

const run = (...args: readonly string[]) =>
  mbx(["run", SAMPLE, "--json", "--capture", CAPTURE, ...args], { limit: LIMIT });

test("two instances find other flows, events or attacks than one", async () => {
  const one = readSummary(await run());
  const ran = await run(...TWO);
  assert.is(ran.code, 0, ran.stderr);
  const two = readSummary(ran);
  for (const part of ["packets", "flows", "events", "nfs", "counters", "ports"] as const)
    assert.equal(two[part], one[part], part);
  assert.not("instances" in one);
  assert.is(two.instances?.length, 2);
  assert.is(
    two.instances?.reduce((sum, { flows }) => sum + flows.started, 0),
    one.flows.started,
  );
  assert.match(ran.stderr, /instances 0: \d+ in · \d+ out · \d+ flows started\n {12}1: /);
});

test("latencies are counted without being asked for, or not of every packet that leaves", async () => {
  assert.not("latency" in readSummary(await run()));
  for (const settings of [[], TWO]) {
    const { packets, latency, lcore } = readSummary(await run("--latency", ...settings));
    assert.is(latency?.packets, packets.out);
    const { p50 = 0, p99 = 0, longest = 0 } = latency ?? {};
    assert.ok(0 < p50 && p50 <= p99 && p99 <= longest && longest <= lcore.cycles, JSON.stringify(latency));
  }
});

test("flows of a pipe are not shared out as those of a file", async () => {
  const command = mbxCommand(["run", SAMPLE, "--json", ...TWO, "--capture", "-"]).join(" ");
  const ran = await runProgram(["bash", "-c", `cat ${CAPTURE} | ${command}`], { cwd: ROOT, limit: LIMIT });
  assert.is(ran.code, 0, ran.stderr);
  assert.is(readSummary(ran).flows.started, 21);
});

test("more lcores than CPUs are told of at the start, and work", async () => {
  const command = [
    "taskset",
    "-c",
    "0",
    ...mbxCommand(["run", SAMPLE, "--json", ...TWO, "--capture", CAPTURE]),
  ];
  const ran = await runProgram(command, { cwd: ROOT, limit: LIMIT });
  assert.is(ran.code, 0, ran.stderr);
  assert.match(
    ran.stderr,
    "warning[MBX7015]: 2 instances and the lcore that feeds them share 1 CPU: each would need one of its own",
  );
  assert.ok(ran.stderr.indexOf("MBX7015") < ran.stderr.indexOf("packets "), "it is said before the run");
  assert.is(readSummary(ran).packets.in, 806);
});

test("as many CPUs as lcores are told of", async () => {
  if (availableParallelism() < 3) return;
  assert.not.match((await run(...TWO)).stderr, "MBX7015");
});

/** A device that makes up frames, all alike, as fast as they are taken. */
const FLOOD = ["--port", "client=net_null0", "--port", "server=net_null1,no-rx=1"];
/** Longer than a worker's answers are waited for at the end. */
const FLOOD_MS = 6_000;

const FED = {
  device: /^2 instances, fed by the devices' RSS, by addresses and ports$/m,
  software: /^2 instances, fed in software, by addresses and ports: as `--rss software` says$/m,
};

for (const rss of ["device", "software"] as const)
  test(`frames of a flood are not counted, or an instance that had none has no end (${rss})`, async () => {
    await run(...TWO);
    const live = startProgram(mbxCommand(["run", SAMPLE, "--json", ...TWO, ...FLOOD, "--rss", rss]), {
      cwd: ROOT,
      limit: LIMIT,
    });
    await live.untilPrinted(/running: /, LIMIT);
    await new Promise((resolve) => setTimeout(resolve, FLOOD_MS));
    live.kill("SIGINT");
    const ended = await live.ended;
    assert.is(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, FED[rss]);
    assert.not.match(ended.stderr, "MBX7010");
    const { packets, ports, counters, instances = [] } = readSummary(ended);
    assert.ok(packets.in > 0, JSON.stringify(ports));
    assert.is(
      packets.in,
      packets.out + Object.values(packets.dropped).reduce((sum, count) => sum + count, 0),
    );
    assert.is(ports.client?.in, packets.in);
    assert.is(ports.server?.out, packets.out);
    // The device that makes them up hashes nothing: each queue has some.
    assert.is(Number(counters["packets.handed_on"]) > 0, rss === "device");
    assert.equal(
      instances.map((one) => one.packets.in).sort((a, b) => a - b)[0],
      0,
      "they are of one instance",
    );
  });

test("devices that cannot share packets out are taken for such that can", async () => {
  const ports = ["--port", "client=net_null0,no-rx=1", "--port", "server=net_ring0"];
  const ran = await mbx(["run", SAMPLE, ...TWO, ...ports, "--rss", "device"], { limit: LIMIT });
  assert.is(ran.code, 1, ran.stderr);
  assert.match(
    ran.stderr,
    "error[MBX7018]: the devices cannot feed 2 instances: `net_ring0` of port server has no RSS that can be set",
  );
});

test("who shares the packets of a capture out can be chosen", async () => {
  const ran = await run(...TWO, "--rss", "device");
  assert.is(ran.code, 2);
  assert.match(ran.stderr, "error[MBX8010]: `--rss` means something only together with `--port`");
});

testUnless(test, whyNoNamespaces(), "real hosts do not get through two instances", async () => {
  const bed = makeBed();
  await startNginx(bed);
  const live = await startLive(bed.box, [SAMPLE, ...TWO, ...bed.bindings, "--json"]);
  for (let i = 0; i < 20; i++) {
    const url = `http://${SERVER_ADDRESS}/`;
    const got = await runIn(bed.client, ["curl", "-s", "-o", "/dev/null", "--max-time", "5", url], {
      limit: 30_000,
    });
    assert.is(got.code, 0, `request ${i}`);
  }
  bed.silence();
  const ended = await live.interrupt();
  assert.is(ended.code, 0, ended.stderr);
  assert.match(
    ended.stderr,
    "2 instances, fed in software, by addresses and ports: `net_af_packet0` of port client has no RSS that can be set",
  );
  const { packets, flows, ports, instances = [] } = readSummary(ended);
  assert.is(flows.started, 20);
  assert.is(packets.in, packets.out);
  assert.is(packets.in, Number(ports.client?.in) + Number(ports.server?.in));
  assert.is(packets.out, Number(ports.client?.out) + Number(ports.server?.out));
  assert.ok(
    instances.every((one) => one.flows.started > 0),
    "each has flows",
  );
});

test.run();
