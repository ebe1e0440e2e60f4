// time limit: 400 s
// alone: traffic between hosts
// Devices that are down, go away or are given twice, between real hosts.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Bed, makeBed, SERVER_ADDRESS } from "../support/live-bed.ts";
import { mbxCommand, ROOT, readSummary, startLive } from "../support/mbx.ts";
import { commandIn, type End, inNamespace, runIn, whyNoNamespaces } from "../support/netns.ts";
import { runProgram } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";

const reason = whyNoNamespaces();
const SAMPLE = "samples/ids/ids.mbx";
const LIMIT = 30_000;

const link = (end: End, ...args: readonly string[]): string =>
  inNamespace(end.namespace, ["ip", "link", ...args]);
/** Nobody listens: 7 is the server's refusal, which came through; 28: nothing came back. */
const hello = async (bed: Bed) =>
  (await runIn(bed.client, ["curl", "-s", "--max-time", "2", `http://${SERVER_ADDRESS}/`], { limit: LIMIT }))
    .code;
const promiscuity = (end: End) =>
  /promiscuity (\d+)/.exec(inNamespace(end.namespace, ["ip", "-d", "link", "show", "dev", end.device]))?.[1];

testUnless(
  test,
  reason,
  "frames to an interface that was removed count as sent, and nobody says so",
  async () => {
    const bed = makeBed();
    const live = await startLive(bed.box, [SAMPLE, ...bed.bindings, "--json"]);
    assert.is(await hello(bed), 7);
    link(bed.serverPort, "delete", "dev", bed.serverPort.device);
    await live.running.untilPrinted(/MBX7011/, LIMIT);
    assert.is(await hello(bed), 28);
    const ended = await live.interrupt();
    assert.match(
      ended.stderr,
      "warning[MBX7011]: the interface `sb0` of port `server` has gone away: what would leave by it is dropped",
    );
    assert.match(ended.stderr, "note: the interface `sb0` of port `server` has gone away while it ran");
    assert.is(ended.code, 1, ended.stderr);
    const { packets, ports } = readSummary(ended);
    assert.ok(Number(packets.dropped.transmit) >= 1, JSON.stringify(packets));
    assert.is(ports.server?.refused, packets.dropped.transmit);
    assert.is(packets.in, packets.out + Number(packets.dropped.transmit));
  },
);

testUnless(
  test,
  reason,
  "an interface that is down passes nothing without a word, or not again once it is up",
  async () => {
    const bed = makeBed();
    link(bed.serverPort, "set", "dev", bed.serverPort.device, "down");
    const live = await startLive(bed.box, [SAMPLE, ...bed.bindings, "--json"]);
    await live.running.untilPrinted(/MBX7012/, LIMIT);
    link(bed.serverPort, "set", "dev", bed.serverPort.device, "up");
    await live.running.untilPrinted(/MBX7013/, LIMIT);
    assert.is(await hello(bed), 7);
    const ended = await live.interrupt();
    assert.match(ended.stderr, "warning[MBX7012]: the interface `sb0` of port `server` is down");
    assert.is(ended.code, 0, ended.stderr);
  },
);

testUnless(test, reason, "an interface stays in promiscuous mode when the program is killed", async () => {
  const bed = makeBed();
  const before = promiscuity(bed.clientPort);
  const live = await startLive(bed.box, [SAMPLE, ...bed.bindings]);
  assert.not.equal(promiscuity(bed.clientPort), before);
  live.running.kill("SIGKILL");
  await live.running.ended;
  assert.is(promiscuity(bed.clientPort), before);
  assert.not.match(link(bed.clientPort, "show", "dev", bed.clientPort.device), "PROMISC");
});

testUnless(test, reason, "one interface is taken for two ports", async () => {
  const bed = makeBed();
  const ports = ["client=net_af_packet0,iface=cb0", "server=net_af_packet1,iface=cb0"];
  const command = mbxCommand(["run", SAMPLE, ...ports.flatMap((port) => ["--port", port])]);
  const ran = await runProgram(commandIn(bed.box, command), { cwd: ROOT, limit: 120_000 });
  assert.is(ran.code, 1, ran.stderr);
  assert.match(
    ran.stderr,
    "error[MBX7004]: ports client and server are both on the interface `cb0`: each port needs one of its own",
  );
});

test.run();
