import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkOptions } from "../../runtime/control/check-options.ts";
import { counterLayout, nfCounters, portCounters } from "../../runtime/control/counters.ts";
import type { ProgramDescription } from "../../runtime/control/dataplane.ts";
import { defaultRunOptions } from "../../runtime/control/options.ts";
import { isoNanoseconds, wantsColour } from "../../runtime/control/problems.ts";
import { progressLine } from "../../runtime/control/progress.ts";
import { SnapshotReader } from "../../runtime/control/snapshot.ts";
import {
  formatBytes,
  formatRate,
  memorySummary,
  renderMemory,
  renderSummary,
  summarise,
} from "../../runtime/control/summary.ts";

const RESIDENT = { own: 2 * 2 ** 20, before: 3 * 2 ** 20, highest: 4 * 2 ** 20 };

const description: ProgramDescription = {
  program: "ids",
  ports: ["client", "server"],
  instances: 1,
  natives: 0,
  counters: [
    "packets.in",
    "packets.out",
    "dropped.nf",
    "dropped.no_memory",
    "flows.started",
    "flows.ended_fin",
  ].map((name) => ({ name, doc: "" })),
  chains: ["a", "b"].map((name) => ({
    name,
    stack: "web",
    flows: 16,
    outlets: 1,
    nfs: [
      { name: "dpi", outlet: null, place: 0 },
      { name: `alerts_${name}`, outlet: 0, place: 1 },
    ],
    events: ["PKT", null, "IDS_ALERT"],
  })),
};

/** Every entry of the array has another value: its index. */
const reader = (instances = 1) =>
  new SnapshotReader(
    {
      counters: (into) => {
        for (const i of into.keys()) into[i] = i;
      },
      instanceCounters: (instance, into) => {
        for (const i of into.keys()) into[i] = 100 * instance + i;
      },
    },
    { ...description, instances },
  );

test("every counter is read from its own place", () => {
  const layout = counterLayout(description);
  assert.is(layout.ports, 6);
  assert.is(layout.size, 6 + 2 * portCounters.length + 2 * (1 + 2 * nfCounters.length + 3));
  const { counters, ports, nfs, events, flows } = reader().read();
  assert.is(counters["dropped.nf"], 2);
  assert.equal(ports.server, { in: 12, out: 13, bytes_in: 14, bytes_out: 15, missed: 16, refused: 17 });
  const [a, b] = layout.chains;
  assert.equal([a?.flows, a?.nfs, a?.events, b?.flows], [18, 19, 31, 34]);
  assert.is(flows, 18 + 34);
  assert.equal(nfs.alerts_a, { handled: 25, published: 26, dropped: 27, switched: 28, lost: 29, errors: 30 });
  assert.is(nfs.dpi?.handled, 19 + 35, "an NF of two chains is summed");
  assert.equal(events, { PKT: 31 + 47, IDS_ALERT: 33 + 49 });
});

test("summary names causes and reasons without their group, and counts faults outside of events", () => {
  const summary = summarise(
    "ids",
    { seconds: 1.23456, cycles: 3e9, cyclesPerSecond: 2.5e9 },
    reader().read(),
    new Map([["alerts_a", 99]]),
    new Map(),
    memorySummary({ hugepages: false, pools: [] }, { hugepages: false, pools: [] }, RESIDENT),
    reader().readInstances(),
  );
  assert.not("instances" in summary);
  assert.not("latency" in summary);
  assert.is(summary.seconds, 1.235);
  assert.equal(summary.lcore, { cycles: 3e9, cycles_per_second: 2.5e9 });
  assert.equal(summary.packets.dropped, { nf: 2, no_memory: 3 });
  assert.equal(summary.flows.ended, { fin: 5 });
  assert.is(summary.nfs.alerts_a?.errors, 99);
  assert.is(summary.counters["packets.out"], 1);
  const text = renderSummary(summary);
  assert.match(text, "3 dropped: no memory");
  assert.match(text, "5 ended: fin");
  assert.match(text, /IDS_ALERT +82/);
});

test("latencies are told in cycles to people, or in time to programs", () => {
  const latency = { packets: 4, p50: 2500, p99: 5000, longest: 25_000 };
  const summary = summarise(
    "ids",
    { seconds: 1, cycles: 3e9, cyclesPerSecond: 2.5e9, latency },
    reader().read(),
    new Map(),
    new Map(),
    memorySummary({ hugepages: false, pools: [] }, { hugepages: false, pools: [] }, RESIDENT),
    [],
  );
  assert.equal(summary.latency, latency);
  assert.match(
    renderSummary(summary),
    /^ {2}latency +1\.00 µs median · 2\.00 µs 99th percentile · 10\.00 µs at most$/m,
  );
});

test("of several instances the summary has what each did beside what all did", () => {
  const summary = summarise(
    "ids",
    { seconds: 1, cycles: 0, cyclesPerSecond: 0 },
    reader(2).read(),
    new Map(),
    new Map(),
    memorySummary({ hugepages: false, pools: [] }, { hugepages: false, pools: [] }, RESIDENT),
    reader(2).readInstances(),
  );
  assert.is(summary.packets.out, 1);
  assert.equal(
    summary.instances?.map(({ packets, flows }) => [packets.in, packets.out, flows.started, flows.ended]),
    [
      [0, 1, 4, { fin: 5 }],
      [100, 101, 104, { fin: 105 }],
    ],
  );
  const text = renderSummary(summary);
  assert.match(text, / {2}instances 0: 0 in · 1 out · 4 flows started\n/);
  assert.match(text, / {2} {10}1: 100 in · 101 out · 104 flows started\n/);
});

test("memory has each pool's use before and after, and says which were not given back", () => {
  const pool = (name: string, used: number) => ({ name, count: 100, bytes: 2 ** 20, used });
  const memory = memorySummary(
    { hugepages: false, pools: [pool("packets", 5), pool("flows web", 0)] },
    { hugepages: false, pools: [pool("packets", 5), pool("flows web", 21)] },
    RESIDENT,
  );
  assert.is(memory.total, 2 * 2 ** 20);
  assert.equal(memory.pools["flows web"], { count: 100, bytes: 2 ** 20, used_at_start: 0, used_at_end: 21 });
  const text = renderMemory(memory);
  assert.match(text, "3.0 MB resident before packets · 4.0 MB at most · pools 2.0 MB + Node 2.0 MB");
  assert.match(text, "flows web: 21 of 100 in use");
  assert.not.match(text, "packets:");
});

test("progress line has rate, flows and the events that the author declared", () => {
  const now = reader().read();
  const line = progressLine(
    { ...now, counters: { "packets.in": 0 } },
    { ...now, counters: { "packets.in": 3e6 } },
    2,
  );
  assert.is(line, "3,000,000 packets · 1.50 Mpps · 52 flows · 82 IDS_ALERT");
});

test("ports are checked by name, each mistake with its code", () => {
  const bind = (name: string) => ({ name, device: "net_null0" });
  const codes = (ports: readonly string[], capture?: string) =>
    checkOptions(
      { ...defaultRunOptions, ports: ports.map(bind), ...(capture === undefined ? {} : { capture }) },
      description.ports,
    ).map(({ code }) => code);
  assert.equal(codes(["client", "server"]), []);
  assert.equal(codes([], "in.pcap"), []);
  assert.equal(codes([]), ["MBX7204"]);
  assert.equal(codes(["client"], "in.pcap"), ["MBX7205"]);
  assert.equal(codes(["client", "client", "sever"]), ["MBX7203", "MBX7202", "MBX7201"]);
});

test("units are those a person reads", () => {
  assert.is(formatBytes(512), "512 bytes");
  assert.is(formatBytes(1536), "1.5 KB");
  assert.is(formatBytes(256 * 1024 * 1024), "256 MB");
  assert.is(formatRate(12.4), "12 packets/s");
  assert.is(formatRate(2_345_678), "2.35 Mpps");
  assert.is(isoNanoseconds(1_700_000_000_000_000_007n), "2023-11-14T22:13:20.000000007Z");
  assert.is(isoNanoseconds(2n ** 64n - 1n), "2554-07-21T23:34:33.709551615Z");
});

test("colour goes to a terminal only, unless the environment says otherwise", () => {
  assert.is(wantsColour(true, {}), true);
  assert.is(wantsColour(false, {}), false);
  assert.is(wantsColour(true, { NO_COLOR: "1" }), false);
  assert.is(wantsColour(false, { FORCE_COLOR: "1" }), true);
});

test.run();
