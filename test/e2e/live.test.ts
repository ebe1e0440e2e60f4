// time limit: 400 s
// alone: traffic between hosts, and what is left behind on this machine
// curl and nginx talk through samples/ids on af_packet devices. One run of the
// chain serves all tests of this file; the last ones look at how it ended.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Summary } from "../../runtime/control/summary.ts";
import { makeBed, SERVER_ADDRESS, startNginx } from "../support/live-bed.ts";
import { allDropped, type LiveRun, readSummary, startLive } from "../support/mbx.ts";
import { processesIn, readCounters, runIn, whyNoNamespaces } from "../support/netns.ts";
import type { Ran } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";

const reason = whyNoNamespaces();
const SIZES = [1, 1448, 1449, 65_536, 1_000_000, 20_000_000] as const;
const ATTACK = "/item?id=1%27%20UNION%20SELECT%20password%20FROM%20users--";

/** Folders in which DPDK and the runtime leave files when they do not clean up. */
const LITTER = ["/var/run/dpdk", "/dev/hugepages", "/dev/shm"];

const bed = reason === undefined ? makeBed() : undefined;
const folder = makeTempFolder("live");
const litterBefore = listLitter();
let live: LiveRun | undefined;
let ended: Ran | undefined;

function listLitter(): readonly string[] {
  return LITTER.flatMap((path) =>
    existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [],
  ).sort();
}

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function theBed() {
  if (bed === undefined) throw new Error("there is no bed");
  return bed;
}

const curl = (...args: readonly string[]) =>
  runIn(theBed().client, ["curl", "-sS", "--max-time", "60", ...args], { limit: 70_000 });

async function summary(): Promise<Summary> {
  if (ended === undefined) throw new Error("the chain has not ended");
  return readSummary(ended);
}

testUnless(test, reason, "the chain starts on two af_packet devices", async () => {
  await startNginx(theBed());
  live = await startLive(theBed().box, ["samples/ids/ids.mbx", ...theBed().bindings, "--json"]);
});

for (const size of SIZES) {
  testUnless(test, reason, `a body of ${size} bytes arrives unchanged at the client`, async () => {
    writeFileSync(join(theBed().site, `${size}.bin`), randomBytes(size));
    const received = join(folder, `${size}.bin`);
    const ran = await curl("-f", "-o", received, `http://${SERVER_ADDRESS}/${size}.bin`);
    assert.is(ran.code, 0, ran.stderr);
    assert.is(sha256(received), sha256(join(theBed().site, `${size}.bin`)));
  });

  testUnless(test, reason, `a body of ${size} bytes arrives unchanged at the server`, async () => {
    const sent = join(folder, `${size}.up`);
    writeFileSync(sent, randomBytes(size));
    const ran = await curl("-f", "-T", sent, `http://${SERVER_ADDRESS}/${size}.up`);
    assert.is(ran.code, 0, ran.stderr);
    assert.is(sha256(join(theBed().site, `${size}.up`)), sha256(sent));
  });
}

testUnless(test, reason, "eight connections at a time arrive unchanged", async () => {
  const names = Array.from({ length: 8 }, (_, index) => join(folder, `parallel-${index}`));
  const rans = await Promise.all(
    names.map((name) => curl("-f", "-o", name, `http://${SERVER_ADDRESS}/1000000.bin`)),
  );
  for (const ran of rans) assert.is(ran.code, 0, ran.stderr);
  const served = sha256(join(theBed().site, "1000000.bin"));
  for (const name of names) assert.is(sha256(name), served);
});

testUnless(test, reason, "a SQL injection raises its alert in the TypeScript handler", async () => {
  await curl("--max-time", "2", `http://${SERVER_ADDRESS}${ATTACK}`);
  const deadline = Date.now() + 5000;
  const printed = () => `${live?.running.stdout()}${live?.running.stderr()}`;
  while (!/\b94\d{4}\b/.test(printed()) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.match(printed(), /\b94\d{4}\b/);
});

testUnless(test, reason, "the request with the SQL injection never reaches the server", () => {
  assert.not.match(readFileSync(theBed().accessLog, "utf8"), "UNION");
});

testUnless(test, reason, "an interrupt drains, prints the summary and ends without an error", async () => {
  // Connections of the dropped flow are still being retransmitted: silence first.
  theBed().silence();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.ok(live !== undefined, "the chain did not start");
  ended = await live.interrupt();
  assert.is(ended.code, 0, ended.stderr);
  assert.is((await summary()).events.IDS_ALERT, 1);
});

/** The chain's ports with the box's ends that they are bound to. */
const PORTS = ["client", "server"] as const;
const endOf = (port: (typeof PORTS)[number]) =>
  port === "client" ? theBed().clientPort : theBed().serverPort;

for (const port of PORTS) {
  testUnless(
    test,
    reason,
    `${port}: frames taken and missed are those that the kernel received`,
    async () => {
      const counted = (await summary()).ports[port];
      assert.ok(counted !== undefined);
      const { rx } = readCounters(endOf(port));
      assert.is(counted.in + counted.missed, rx.packets, JSON.stringify(counted));
    },
  );

  testUnless(test, reason, `${port}: frames sent are those that the kernel sent`, async () => {
    const counted = (await summary()).ports[port];
    assert.ok(counted !== undefined);
    const { tx } = readCounters(endOf(port));
    assert.is(counted.out + counted.refused, tx.packets + tx.dropped, JSON.stringify(counted));
  });
}

testUnless(test, reason, "every packet taken was sent or is counted as dropped, by cause", async () => {
  const { packets, ports } = await summary();
  const taken = Object.values(ports).reduce((sum, port) => sum + port.in, 0);
  const sent = Object.values(ports).reduce((sum, port) => sum + port.out, 0);
  assert.is(packets.in, taken);
  assert.is(packets.out + packets.injected, sent);
  assert.is(packets.in, packets.out + allDropped(await summary()));
});

testUnless(test, reason, "no process is left behind", () => {
  assert.equal(processesIn(theBed().box), []);
});

testUnless(test, reason, "no file and no hugepage is left behind", () => {
  const left = listLitter().filter((path) => !litterBefore.includes(path));
  assert.equal(left, []);
});

test.run();
