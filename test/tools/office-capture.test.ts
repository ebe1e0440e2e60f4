// The recorded capture and what is said about it must stay together: a new
// recording of one without the other would fail tests of the chain instead.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CAPTURE, readExpected, type Session } from "../support/expected.ts";
import { ROOT } from "../support/mbx.ts";
import { readPcap } from "../support/pcap.ts";

const file = readFileSync(join(ROOT, CAPTURE));
const expected = readExpected();

const frames = readPcap(file).map(({ bytes }) => bytes);
const ETHERTYPE_IPV4 = 0x0800;

interface Segment {
  readonly ports: readonly [number, number];
  readonly payload: string;
}

/** TCP in IPv4 without options, which is all that the recording has. */
function segmentOf(frame: Buffer): Segment | undefined {
  if (frame.readUInt16BE(12) !== ETHERTYPE_IPV4) return undefined;
  assert.is(frame.readUInt8(14), 0x45);
  const end = 14 + frame.readUInt16BE(16);
  const payload = 34 + 4 * (frame.readUInt8(46) >> 4);
  return {
    ports: [frame.readUInt16BE(34), frame.readUInt16BE(36)],
    payload: frame.toString("latin1", payload, end),
  };
}

const segments = frames.map(segmentOf).filter((segment) => segment !== undefined);
const segmentsOf = ({ sport }: Session) => segments.filter(({ ports }) => ports.includes(sport));

test("the capture has the packets that are said", () => {
  assert.is(frames.length, expected.packets);
});

test("each session has the packets that are said, and no other flow is there", () => {
  for (const session of expected.sessions) {
    assert.is(segmentsOf(session).length, session.packets, session.what);
  }
  const told = expected.sessions.reduce((sum, session) => sum + session.packets, 0);
  assert.is(segments.length, told);
});

test("each application has the flows that are said", () => {
  for (const app of ["http", "tls", "sql", "other"] as const) {
    assert.is(expected.sessions.filter((session) => session.app === app).length, expected.flows[app]);
  }
});

test("the attacks carry an attack, and nothing else does", () => {
  const attack = /UNION%20SELECT|OR '1'='1'/;
  for (const session of expected.sessions) {
    const carries = segmentsOf(session).some(({ payload }) => attack.test(payload));
    assert.is(carries, session.attack, session.what);
  }
});

test("the capture names no machine but its own", () => {
  const text = file.toString("latin1");
  assert.not.match(text, /\/(root|home|work|tmp)\//);
  assert.ok(file.length < 1_500_000);
});

test.run();
