/** Traces of the bench hold what they say. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeTrace, type TraceSpec } from "../../bench/trace/trace.ts";
import { makeTempFolder } from "../support/temp.ts";

const SPEC: TraceSpec = {
  name: "tiny",
  seed: 7,
  frame: 128,
  flows: 6,
  segments: 4,
  run: 2,
  http: { attackEvery: 3 },
};

function frames(path: string): readonly Buffer[] {
  const file = readFileSync(path);
  const found: Buffer[] = [];
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    found.push(file.subarray(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return found;
}

/** Folded sum of 16-bit words with a start value; 0xffff where a checksum in it is right. */
function folded(bytes: Buffer, start = 0): number {
  let sum = start;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

const trace = makeTrace(SPEC, makeTempFolder("trace"));
const written = frames(trace.path);

test("a trace has as many packets and bytes as it counts", () => {
  assert.is(written.length, trace.counts.packets);
  assert.is(
    written.reduce((sum, frame) => sum + frame.length, 0),
    trace.counts.bytes,
  );
});

test("IP and TCP checksums are right in every frame", () => {
  for (const frame of written) {
    assert.is(folded(frame.subarray(14, 34)), 0xffff);
    assert.is(folded(frame.subarray(26), 6 + frame.length - 34), 0xffff);
  }
});

test("every flow opens and closes, and each has an address of its own", () => {
  const flags = written.map((frame) => frame[47]);
  assert.is(flags.filter((flag) => flag === 0x02).length, SPEC.flows);
  assert.is(flags.filter((flag) => flag === 0x11).length, 2 * SPEC.flows);
  const clients = written.filter((frame) => frame[47] === 0x02).map((frame) => frame.readUInt32BE(26));
  assert.is(new Set(clients).size, SPEC.flows);
});

test("attacks are where they are counted", () => {
  const attacks = written.filter((frame) => frame.includes("UNION SELECT"));
  assert.is(attacks.length, trace.counts.attacks);
});

test("packets of a flow come in runs of the length asked for", () => {
  const ports = written.slice(0, 4).map((frame) => {
    const [source, destination] = [frame.readUInt16BE(34), frame.readUInt16BE(36)];
    return source === 80 ? destination : source;
  });
  assert.is(ports[0], ports[1]);
  assert.is(ports[2], ports[3]);
  assert.is.not(ports[1], ports[2]);
});

test("the same seed makes the same bytes", () => {
  const again = makeTrace(SPEC, makeTempFolder("trace-again"));
  assert.ok(readFileSync(again.path).equals(readFileSync(trace.path)));
});

test.run();
