// The capture that `mbx init` writes: checksums are verified when it is replayed.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exampleCapture } from "../../compiler/cli/init/capture.ts";

function framesOf(capture: Buffer): readonly Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 24; at < capture.length; ) {
    const length = capture.readUInt32LE(at + 8);
    frames.push(capture.subarray(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return frames;
}

/** 0xffff when the sum over data with its checksum is right (RFC 1071). */
function sum(...parts: readonly Buffer[]): number {
  const all = Buffer.concat(parts);
  let total = 0;
  for (let at = 0; at < all.length; at += 2) total += ((all[at] ?? 0) << 8) | (all[at + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

const frames = framesOf(Buffer.from(exampleCapture()));

test("IP and TCP checksums are right in every frame", () => {
  for (const frame of frames) {
    const ip = frame.subarray(14, 34);
    const tcp = frame.subarray(34);
    assert.is(sum(ip), 0xffff);
    const length = Buffer.from([0, 6, tcp.length >> 8, tcp.length & 0xff]);
    assert.is(sum(ip.subarray(12, 20), length, tcp), 0xffff);
    assert.is(ip.readUInt16BE(2), frame.length - 14);
  }
});

test("each end acknowledges all that the other sent", () => {
  const next = new Map<number, number>();
  for (const frame of frames) {
    const tcp = frame.subarray(34);
    const from = tcp.readUInt16BE(0);
    const flags = tcp[13] ?? 0;
    const seq = tcp.readUInt32BE(4);
    if (next.has(from)) assert.is(seq, next.get(from));
    if (flags & 0x10) assert.is(tcp.readUInt32BE(8), next.get(tcp.readUInt16BE(2)));
    next.set(from, seq + tcp.length - 20 + (flags & 0x03 ? 1 : 0));
  }
  assert.is(frames.length, 10);
});

test("the same bytes each time", () => {
  assert.equal(Buffer.from(exampleCapture()), Buffer.from(exampleCapture()));
});

test.run();
