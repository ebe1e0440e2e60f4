// A capture that comes through a pipe, as tcpdump and zcat give it.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mbx, mbxCommand, ROOT, readSummary } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";

const SAMPLE = "samples/ids/ids.mbx";
const CAPTURE = "samples/ids/captures/office.pcap";

const piped = (script: string) => runProgram(["bash", "-c", script], { cwd: ROOT, limit: 120_000 });
const run = (...args: readonly string[]): string => mbxCommand(["run", SAMPLE, "--json", ...args]).join(" ");

test("a pipe gives what the file gives", async () => {
  const whole = readSummary(await mbx(["run", SAMPLE, "--json", "--capture", CAPTURE]));
  // The writer lets the program wait, with a packet cut in two.
  const ran = await piped(
    `{ head -c 5000 ${CAPTURE}; sleep 0.5; tail -c +5001 ${CAPTURE}; } | ${run("--capture", "-")}`,
  );
  assert.is(ran.code, 0, ran.stderr);
  const summary = readSummary(ran);
  assert.equal(summary.packets, whole.packets);
  assert.equal(summary.events, whole.events);
  assert.equal(summary.flows, whole.flows);
});

test("packets are handled as they come, before the writer ends", async () => {
  const writer = `exec 3< <(cat ${CAPTURE}; exec sleep 60); writer=$!`;
  const ran = await piped(
    `${writer}; timeout -s INT 20 ${run("--capture", "-")} <&3; status=$?; kill $writer; exit $status`,
  );
  assert.is(readSummary(ran).packets.in, 806, ran.stderr);
});

test("what is neither a file nor a pipe is refused by name", async () => {
  const ran = await piped(`${run("--capture", "-")} < /dev/null`);
  assert.is(ran.code, 1);
  assert.match(ran.stderr, "MBX7101");
  assert.match(ran.stderr, "neither a file nor a pipe");
});

test("a pipe without a capture is told of", async () => {
  const ran = await piped(`echo this is no capture | ${run("--capture", "-")}`);
  assert.is(ran.code, 1);
  assert.match(ran.stderr, "MBX7102");
  assert.match(ran.stderr, "neither pcap nor pcapng");
});

test.run();
