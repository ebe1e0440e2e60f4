// time limit: 300 s
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { fragments } from "../support/fragments.ts";
import { Connection, reversed, tcpFrame } from "../support/frames.ts";
import { LINK_RAW, spaced, writePcap } from "../support/made-capture.ts";
import { inErspan, inGeneve, inGre, inIp, inMpls, inPppoe, inVxlan, ipOf } from "../support/tunnels.ts";

let built: BuiltChain;

test.before(async () => {
  built = await buildChain("decap");
});

type Wrap = (frame: Buffer) => Buffer;

/** Server port, tunnel, and whether the stack can send by it to both ends. */
const tunnels: readonly (readonly [number, string, Wrap, boolean])[] = [
  [8001, "MPLS", (frame) => inMpls(frame), true],
  [8002, "PPPoE", (frame) => inPppoe(frame), true],
  [8003, "GRE", (frame) => inGre(frame), true],
  [8004, "ERSPAN", (frame) => inErspan(frame), false],
  [8005, "IP in IP", (frame) => inIp(frame, 6), true],
  [8006, "VXLAN", (frame) => inVxlan(frame), true],
  [8007, "GENEVE", (frame) => inGeneve(frame), true],
  [8008, "VXLAN of GRE of IP in IP", (frame) => inVxlan(inGre(inIp(frame))), true],
];

/** Out of order and sent again, so that it takes the stack to put it right. */
function talk(dport: number, src = "10.0.0.1"): readonly Buffer[] {
  const c = new Connection({ src, dport });
  const frames = [...c.handshake()];
  const first = c.data("client", "how ");
  const second = c.data("client", "are you");
  return [...frames, second, first, second, c.ack("server"), c.data("server", "well"), ...c.close()];
}

const hex = (frames: readonly Buffer[]): readonly string[] => frames.map((frame) => frame.toString("hex"));

for (const burst of [1, 32])
  test(`frames of tunnels are altered, or their streams not heard (burst ${burst})`, async () => {
    const frames = tunnels.flatMap(([port, , wrap]) => talk(port).map(wrap));
    const run = await built.run(spaced(frames), { burst });
    assert.equal(
      run.out.map(({ frame }) => frame.toString("hex")),
      hex(frames),
    );
    assert.equal(
      run.log,
      tunnels.flatMap(([port]) => [
        `${port} 1 client how `,
        `${port} 1 client are you`,
        `${port} 1 server well`,
      ]),
    );
    assert.is(run.summary.flows.started, tunnels.length);
    assert.is(run.summary.counters["seen.malformed"], 0);
    assert.is(run.summary.counters["decap.checksum"], 0);
    assert.is(run.summary.counters["seen.unmatched"], 0);
  });

test("equal ends in two networks are one flow", async () => {
  const [a, b] = [talk(8006), talk(8006)];
  const frames = a.flatMap((frame, i) => [inVxlan(frame, 1), inVxlan(b[i] ?? frame, 2)]);
  const run = await built.run(spaced(frames));
  assert.is(run.summary.flows.started, 2);
  assert.is(run.log.filter((line) => line === "8006 1 client how ").length, 2);
});

test("fragments around a tunnel pass a chain that asks for the addresses inside", async () => {
  const inside = await buildChain("decap_inside");
  const frames = talk(9000, "10.7.7.7").flatMap((frame, i) => fragments(inIp(frame), i + 1, 32));
  for (const burst of [1, 32]) {
    const run = await inside.run(spaced(frames), { burst });
    assert.equal(run.log, ["9000 client how ", "9000 client are you", "9000 server well"]);
    assert.is(run.out.length, frames.length);
  }
});

test("more tunnels than are followed pass a chain that drops, or are not counted", async () => {
  const into = (depth: number) => (frame: Buffer) =>
    Array.from({ length: depth }).reduce<Buffer>((inner) => inIp(inner), frame);
  const eight = talk(8005).map(into(8));
  const nine = talk(8005).map(into(9));
  const run = await built.run(spaced([...eight, ...nine]));
  assert.equal(
    run.out.map(({ frame }) => frame.toString("hex")),
    hex(eight),
  );
  assert.is(run.log.length, 3);
  assert.equal(run.summary.packets.dropped, { unread: nine.length });
  assert.is(run.summary.counters["decap.deep"], nine.length);
});

test("a fragment in a datagram of fragments passes a chain that drops, or is not counted", async () => {
  const c = new Connection({ dport: 8005 });
  const open = c.handshake().map((frame) => inIp(frame));
  const [inner = Buffer.alloc(0)] = fragments(c.data("client", "x".repeat(100)), 1, 64);
  const outer = fragments(inIp(inner), 2, 64);
  const run = await built.run(spaced([...open, ...outer]));
  assert.equal(
    run.out.map(({ frame }) => frame.toString("hex")),
    hex(open),
  );
  assert.equal(run.summary.packets.dropped, { unread: outer.length });
  assert.is(run.summary.counters["fragments.nested"], 1);
});

test("a tunnel that a chain does not name is not seen from outside", async () => {
  const [syn = Buffer.alloc(0)] = talk(9999);
  const frames = [inGre(syn), inVxlan(syn), inGeneve(syn, 1, false)];
  const run = await built.run(spaced(frames));
  assert.equal(run.log, ["outside 192.51 47 0 52", "outside 192.51 17 4789 62", "outside 192.51 17 6081 70"]);
  assert.equal(
    run.out.map(({ frame }) => frame.toString("hex")),
    hex(frames),
  );
});

for (const [port, name, wrap, possible] of tunnels)
  test(`a reset of a flow in ${name} is not what its ends would send, or is not counted`, async () => {
    const c = new Connection({ dport: port });
    const before = [...c.handshake(), c.data("client", "hello"), c.ack("server")];
    const [seq, ack] = [c.client, c.server];
    const frames = [...before, c.data("client", "reset")].map(wrap);
    for (const burst of [1, 32]) {
      const run = await built.run(spaced(frames), { burst });
      const reset = { flags: "RA", window: 0 };
      const expected = [
        tcpFrame(c.ends, { ...reset, seq, ack }),
        tcpFrame(reversed(c.ends), { ...reset, seq: ack, ack: seq }),
      ].map(wrap);
      assert.equal(
        hex(run.out.slice(before.length).map(({ frame }) => frame)),
        possible ? hex(expected) : [],
        `burst ${burst}`,
      );
      assert.is(run.summary.counters["packets.injected"], possible ? 2 : 0);
      assert.is(run.summary.counters["packets.injected_unbuilt"], possible ? 0 : 2);
    }
  });

test("a reset on a link of raw IP, or of a tunnel on it, is not sent", async () => {
  const file = join(built.folder, "raw.pcap");
  const around: readonly Wrap[] = [(frame) => frame, (frame) => inIp(frame)];
  for (const wrap of around) {
    const c = new Connection({ dport: 8005 });
    const before = [...c.handshake(), c.data("client", "hello"), c.ack("server")];
    const [seq, ack] = [c.client, c.server];
    const frames = [...before, c.data("client", "reset")].map((frame) => ipOf(wrap(frame)));
    writePcap(file, spaced(frames), LINK_RAW);
    const run = await built.run(file);
    const expected = [
      tcpFrame(c.ends, { flags: "RA", window: 0, seq, ack }),
      tcpFrame(reversed(c.ends), { flags: "RA", window: 0, seq: ack, ack: seq }),
    ].map((frame) => ipOf(wrap(frame)));
    assert.equal(hex(run.out.slice(before.length).map(({ frame }) => frame)), hex(expected));
  }
});

test.run();
