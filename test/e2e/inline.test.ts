// time limit: 300 s
// alone: traffic between hosts
// Frames of two senders in line, on real devices: what leaves is what came, in the
// order of each flow. The first bytes of a frame's source address name its flow.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { keptBuild } from "../support/built.ts";
import { cutsOf, fragment } from "../support/fragments.ts";
import { Connection, ethernet, icmpFrame, udpFrame } from "../support/frames.ts";
import { makeBed } from "../support/live-bed.ts";
import { allDropped, type LiveRun, readSummary, startLive } from "../support/mbx.ts";
import { commandIn, inNamespace, runIn, whyNoNamespaces } from "../support/netns.ts";
import { startProgram } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";
import { inErspan, inGeneve, inGre, inIp, inMpls, inPppoe, inVxlan } from "../support/tunnels.ts";
import { buildTool } from "./storm/storm.ts";

const reason = whyNoNamespaces();
const CHAIN = "test/chains/inline/inline.mbx";
const SENDERS = 2;
/** Of each flow of a connection. Less than a ring holds, whoever is slow. */
const ROUNDS = 12;
const TAG_TYPES = [0x8100, 0x88a8, 0x9100];

/** Puts tags of these types around a frame. */
function tagged(frame: Buffer, types: readonly number[]): Buffer {
  const tags = types.flatMap((type, i) => [type >> 8, type & 0xff, 0, 100 + i]);
  return Buffer.concat([frame.subarray(0, 12), Buffer.from(tags), frame.subarray(12)]);
}

/** Every form that a packet of a connection can have on its way. */
const forms: readonly ((frame: Buffer) => readonly Buffer[])[] = [
  (frame) => [frame],
  (frame) => [tagged(frame, [0x8100])],
  (frame) => [tagged(frame, [0x88a8, 0x8100])],
  (frame) => [tagged(frame, [...TAG_TYPES, 0x8100])],
  (frame) => [inMpls(frame)],
  (frame) => [inPppoe(frame)],
  (frame) => [inGre(frame)],
  (frame) => [inErspan(frame)],
  (frame) => [inIp(frame)],
  (frame) => [inIp(frame, 6)],
  (frame) => [inVxlan(frame)],
  (frame) => [inGeneve(frame)],
  (frame) => [tagged(inVxlan(frame), [0x88a8])],
];

let identification = 0;

/** Fragments of one datagram, the last ones first. */
function inFragments(frame: Buffer, size: number): readonly Buffer[] {
  identification += 1;
  const id = identification;
  return cutsOf(frame, size)
    .map((cut) => fragment(frame, id, cut))
    .reverse();
}

/** The frames of one sender: flows take turns, each with an Ethernet address of its own. */
function framesOf(sender: number): readonly Buffer[] {
  const flows: (readonly Buffer[])[] = [];
  const net = (host: number) => ({ src: `10.${20 + sender}.0.${host}`, dst: `10.${20 + sender}.1.1` });
  const talk = (connection: Connection): readonly Buffer[] => [
    ...connection.handshake(),
    ...Array.from({ length: ROUNDS }, (_, i) => connection.data("client", `${i} `.repeat(1 + i * 30))),
    ...connection.close(),
  ];
  for (const [i, form] of forms.entries())
    flows.push(talk(new Connection({ ...net(i + 1), sport: 4000 + i })).flatMap(form));
  for (const [i, size] of [64, 512].entries()) {
    flows.push(
      talk(new Connection({ ...net(100 + i), sport: 5000 + i })).flatMap((frame) => inFragments(frame, size)),
    );
    const six = { src: `2001:db8:${sender}::${i + 1}`, dst: "2001:db8::99", sport: 5000 + i, dport: 80 };
    flows.push(
      Array.from({ length: ROUNDS }, (_, n) =>
        inFragments(udpFrame(six, `${n}`.repeat(200 + n)), 64 * (i + 1)),
      ).flat(),
    );
  }
  flows.push(
    Array.from({ length: ROUNDS }, (_, n) => icmpFrame(net(200).src, net(200).dst, 8, 0, { word: n })),
  );
  flows.push(Array.from({ length: ROUNDS }, (_, n) => ethernet(0x88b5, Buffer.alloc(46 + n * 120, n))));
  const addressed = flows.map((flow, n) =>
    flow.map((frame) => {
      const own = Buffer.from(frame);
      own.writeUInt16BE(0x0200, 6);
      own.writeUInt16BE(sender, 8);
      own.writeUInt16BE(n, 10);
      return own;
    }),
  );
  const longest = Math.max(...addressed.map((flow) => flow.length));
  return Array.from({ length: longest }, (_, i) => addressed.flatMap((flow) => flow.slice(i, i + 1))).flat();
}

function writeFrames(file: string, frames: readonly Buffer[]): void {
  const parts = frames.flatMap((frame) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(frame.length);
    return [length, frame];
  });
  writeFileSync(file, Buffer.concat(parts));
}

function readFrames(file: string): readonly Buffer[] {
  const bytes = readFileSync(file);
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    frames.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return frames;
}

/** Frames by the flow that their source address names. */
function byFlow(frames: readonly Buffer[]): ReadonlyMap<string, readonly string[]> {
  const flows = new Map<string, string[]>();
  for (const frame of frames) {
    const name = frame.subarray(6, 12).toString("hex");
    const flow = flows.get(name) ?? [];
    flow.push(frame.toString("hex"));
    flows.set(name, flow);
  }
  return flows;
}

testUnless(
  test,
  reason,
  "a frame is altered, lost, or overtaken within its flow, in line between two senders and a host",
  async () => {
    const bed = makeBed();
    const folder = makeTempFolder("inline");
    const wire = await buildTool("wire", folder);
    let live: LiveRun | undefined;
    const recorded = join(folder, "recorded");
    const recorder = startProgram(commandIn(bed.server, [wire, "record", "vs0", recorded]));
    try {
      live = await startLive(bed.box, [CHAIN, "-o", keptBuild(CHAIN), ...bed.bindings, "--json"]);
      await recorder.untilPrinted(/recording/, 10_000);
      const sent = Array.from({ length: SENDERS }, (_, sender) => framesOf(sender + 1));
      const runs = sent.map((frames, sender) => {
        const file = join(folder, `sender-${sender}`);
        writeFrames(file, frames);
        return runIn(bed.client, [wire, "send", "vc0", file]);
      });
      for (const ran of await Promise.all(runs)) assert.is(ran.code, 0, ran.stderr);
      await new Promise((resolve) => setTimeout(resolve, 500));
      inNamespace(bed.client, ["ip", "link", "set", "dev", "vc0", "down"]);
      live.running.kill("SIGTERM");
      const ended = await live.running.ended;
      assert.is(ended.code, 0, ended.stderr);
      recorder.kill("SIGTERM");
      await new Promise((resolve) => setTimeout(resolve, 100));
      recorder.kill("SIGTERM");
      inNamespace(bed.server, ["ip", "link", "set", "dev", "vs0", "down"]);
      await recorder.ended;

      const summary = readSummary(ended);
      assert.is(allDropped(summary), 0, JSON.stringify(summary.packets));
      for (const counter of ["decap.packets", "fragments.completed"])
        assert.ok((summary.counters[counter] ?? 0) > 0, counter);
      const before = byFlow(sent.flat());
      const after = byFlow(readFrames(recorded));
      for (const [name, frames] of before) assert.equal(after.get(name), frames, `flow ${name}`);
    } finally {
      for (const running of [recorder, live?.running]) running?.kill("SIGKILL");
    }
  },
);

testUnless(
  test,
  reason,
  "a frame that is longer than a slot, or than the next link takes, leaves cut off or uncounted",
  async () => {
    const bed = makeBed();
    const folder = makeTempFolder("long");
    const wire = await buildTool("wire", folder);
    for (const [namespace, device] of [
      [bed.client, "vc0"],
      [bed.box, "cb0"],
    ] as const)
      inNamespace(namespace, ["ip", "link", "set", "dev", device, "mtu", "3000"]);
    const live = await startLive(bed.box, [CHAIN, "-o", keptBuild(CHAIN), ...bed.bindings, "--json"]);
    try {
      const file = join(folder, "frames");
      writeFrames(
        file,
        [1400, 1800, 2500].map((length) => ethernet(0x88b5, Buffer.alloc(length))),
      );
      const ran = await runIn(bed.client, [wire, "send", "vc0", file]);
      assert.is(ran.code, 0, ran.stderr);
      await live.running.untilPrinted(/MBX7014/, 10_000);
      bed.silence();
      live.running.kill("SIGTERM");
      const ended = await live.running.ended;
      assert.match(
        ended.stderr,
        "warning[MBX7014]: frames of more than 1982 bytes arrive at the interface `cb0` of port `client`: they are not received",
      );
      const { packets, ports } = readSummary(ended);
      assert.is(packets.in, packets.out + 1);
      assert.equal(packets.dropped, { transmit: 1 });
      assert.is(ports.server?.refused, 1);
      assert.is(ports.client?.missed, 1);
    } finally {
      live.running.kill("SIGKILL");
    }
  },
);

test.run();
