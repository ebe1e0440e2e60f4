// time limit: 300 s
// The recorded capture through samples/ids: what the demo shows is what is in it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CAPTURE, readExpected } from "../support/expected.ts";
import { allDropped, mbx, ROOT, readSummary } from "../support/mbx.ts";
import { type Frame, readPcap } from "../support/pcap.ts";
import { runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";

const SAMPLE = "samples/ids/ids.mbx";
const LIMIT = { limit: 200_000 };
const expected = readExpected();
const attacks = expected.sessions.filter((session) => session.attack);
/** Flows on ports that the sample's stack matches. */
const matched = expected.flows.http + expected.flows.tls + expected.flows.sql;

const lineOf = ({ time, bytes }: Frame) => `${time} ${bytes.toString("hex")}`;

test("the demo prints an alert for each attack, and the summary", async () => {
  const ran = await runProgram(["bash", "tools/demo.sh"], { cwd: ROOT, ...LIMIT });
  assert.is(ran.code, 0, ran.stderr);
  const lines = (ran.stdout + ran.stderr).split("\n");
  for (const { src, sport, dst, dport, what } of attacks) {
    const ends = [`${src}:${sport}`, `${dst}:${dport}`];
    const alerts = lines.filter(
      (line) => /\b94\d{4}\b/.test(line) && ends.every((end) => line.includes(end)),
    );
    assert.is(alerts.length, 1, `${what}: ${alerts.length} alerts in\n${lines.join("\n")}`);
  }
  const alerts = lines.filter((line) => /\b94\d{4}\b/.test(line));
  assert.is(alerts.length, attacks.length, "an innocent session raised an alert");
});

test("every packet of the capture comes out or is counted as dropped", async () => {
  const ran = await mbx(["run", SAMPLE, "--capture", CAPTURE, "--json"], LIMIT);
  assert.is(ran.code, 0, ran.stderr);
  const summary = readSummary(ran);
  assert.is(summary.packets.in, expected.packets);
  assert.is(summary.packets.in, summary.packets.out + allDropped(summary));
});

test("the chain raises what the capture holds", async () => {
  const summary = readSummary(await mbx(["run", SAMPLE, "--capture", CAPTURE, "--json"], LIMIT));
  assert.is(summary.events.IDS_ALERT, attacks.length);
  assert.is(summary.events.DPI_DETECT, matched);
  assert.is(summary.events.FLOW_ESTABLISHED, matched);
  assert.is(summary.events.FLOW_END, matched);
});

for (const burst of ["1", "32", "256"]) {
  test(`bursts of ${burst} give the same alerts and the same packets`, async () => {
    const summary = readSummary(
      await mbx(["run", SAMPLE, "--capture", CAPTURE, "--json", "--burst", burst], LIMIT),
    );
    const usual = readSummary(await mbx(["run", SAMPLE, "--capture", CAPTURE, "--json"], LIMIT));
    assert.equal(summary.events, usual.events);
    assert.equal(summary.packets, usual.packets);
  });
}

test("--out writes every packet that was not dropped, unchanged and in order", async () => {
  const out = join(makeTempFolder("out"), "out.pcap");
  const ran = await mbx(["run", SAMPLE, "--capture", CAPTURE, "--out", out, "--json"], LIMIT);
  assert.is(ran.code, 0, ran.stderr);
  const sent = readPcap(readFileSync(join(ROOT, CAPTURE))).map(lineOf);
  const received = readPcap(readFileSync(out)).map(lineOf);
  const { packets } = readSummary(ran);
  assert.is(received.length, packets.out);
  let at = 0;
  for (const line of received) {
    at = sent.indexOf(line, at) + 1;
    assert.is.not(at, 0, "a packet came out that did not go in, or out of order");
  }
});

test("one core is enough", async () => {
  const command = ["taskset", "-c", "0", process.execPath, "bin/mbx.mjs"];
  const ran = await runProgram([...command, "run", SAMPLE, "--capture", CAPTURE, "--json"], {
    cwd: ROOT,
    ...LIMIT,
  });
  assert.is(ran.code, 0, ran.stderr);
  assert.is(readSummary(ran).events.IDS_ALERT, attacks.length);
});

test("without --json, stdout carries no summary for scripts to trip over", async () => {
  const ran = await mbx(["run", SAMPLE, "--capture", CAPTURE], LIMIT);
  assert.is(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /packets/);
  assert.not.match(ran.stdout, /"packets"/);
});

test.run();
