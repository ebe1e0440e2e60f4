// time limit: 180 s
/** Cycles of a packet's stages: what perf and addr2line print is read, and each line belongs to its stage. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { stageOf } from "../../bench/stages/attribute.ts";
import { measureStages, presentStages, stageSubjects } from "../../bench/stages/measure.ts";
import { addressIn, readFrames, readRecorded, readSegments } from "../../bench/stages/perf.ts";
import { samplingLacks } from "../../bench/stages/record.ts";
import { renderStages } from "../../bench/stages/table.ts";
import { cyclesByPlace, type Place, places, placesOf } from "../../bench/stages/window.ts";
import { traceCounts } from "../../bench/trace/spec.ts";
import { ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";

const frame = (path: string, name = "f") => ({ function: name, file: join(ROOT, path) });
const library = (path: string, name?: string) => frame(`runtime/dataplane/${path}`, name);
const generated = (path: string, name: string) => frame(`bench/chains/.mbx/nf-1/gen/${path}`, name);

const LINES: readonly (readonly [Place, ReturnType<typeof frame>])[] = [
  ["receive", library("port/laps.c", "fetch_ahead")],
  ["receive", library("lcore/receive.c", "receive_from")],
  ["parse", library("packet/parse.c", "parse_usual")],
  ["checksum", library("packet/checksum.h", "packet_checksum_usual")],
  ["checksum", library("stack/admit.h", "stack_fetch_tmpl")],
  ["lookup", library("flow/table.c", "lookup_chunk")],
  ["lookup", library("stack/monitor_room.h", "monitor_lookup")],
  ["track", library("tcp/track.h", "tcp_track_predicts")],
  ["track", library("stack/monitor.h", "monitor_tcp_tmpl")],
  ["track", library("stack/admit.h", "stack_admit_tmpl")],
  ["reassemble", library("stack/monitor_segment.h", "monitor_payload_next_tmpl")],
  ["reassemble", library("tcp/stream.c", "stream_hold")],
  ["dispatch", library("event/event.h", "event_log_append")],
  ["dispatch", library("lcore/flight.c", "flight_step")],
  ["dispatch", generated("nf_1.c", "nf_1_raise")],
  ["dispatch", generated("nf_count1.c", "nf_1_count1_run")],
  ["handler", generated("nf_count1.c", "count1_state")],
  ["handler", library("event/context.h", "nf_state")],
  ["handler", library("event/handler.h", "nf_replay_request")],
  ["handler", frame("bench/chains/count.c", "count1_on_data_tcp")],
  ["flows", library("flow/table.c", "flow_table_insert")],
  ["flows", library("stack/monitor_flow.h", "monitor_flow_create_tmpl")],
  ["flows", library("stack/monitor_fetch.h", "monitor_fetch_tmpl")],
  ["flows", library("timer/wheel.c", "timer_arm")],
  ["flows", library("lcore/receive.c", "runner_tick")],
  ["transmit", library("port/port.c", "port_transmit")],
  ["transmit", library("lcore/egress.c", "send_packets")],
];

for (const [stage, line] of LINES)
  test(`a line of ${line.function} belongs to ${stage}`, () => {
    assert.is(stageOf([line]), stage);
  });

test("a helper's line belongs to the stage that called it", () => {
  const swap = { function: "rte_arch_bswap32", file: "/usr/include/dpdk/rte_byteorder.h" };
  const key = library("event/../lcore/../flow/key.h", "flow_key_fill");
  assert.is(stageOf([swap, key, library("packet/parse.c", "parse_usual")]), "parse");
  assert.is(stageOf([key, library("flow/table.c", "ways_find")]), "lookup");
  assert.is(stageOf([swap]), undefined);
  assert.is(stageOf([]), undefined);
});

test("paths with steps up are those of the files they lead to", () => {
  assert.is(stageOf([library("event/../lcore/../flow/table.h")]), "lookup");
});

/** Those that stand for no stage: what starts and stops, memory, and helpers of several stages. */
const OTHERS =
  /^(eal|memory|flow|packet|fault|counter|nf)\b|^(event\/(burst|reset)|stack\/(stack|monitor_payload))\b/;

test("every file of the packet's way has a stage", () => {
  const files = readdirSync(join(ROOT, "runtime/dataplane"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[ch]$/.test(file) && !OTHERS.test(file))
    .filter((file) => stageOf([library(file)]) === undefined);
  assert.equal(files, []);
});

const SCRIPT = `
            node  4711 PERF_RECORD_MMAP2 4711/4711: [0x7f00aa000000(0x1000) @ 0 fe:00 1 2]: r-xp /usr/lib/libc.so.6
            node  4711 PERF_RECORD_MMAP2 4711/4711: [0x7f4004152000(0x2f000) @ 0x5000 fe:00 54 15]: r-xp /clone/a b/chain.node
            node  4711 PERF_RECORD_MMAP2 4711/4711: [0x7f4004181000(0xc000) @ 0x34000 fe:00 54 15]: r--p /clone/a b/chain.node
            node  4711 cpu-clock:u:      7f4004152001
       mbx-lcore  4712 cpu-clock:u:      7f4004152010
       mbx-lcore  4712 cpu-clock:u:      7f00aa000010
       mbx-lcore  4712 cpu-clock:      7f4004180fff
`;

test("samples of the lcore's thread are read, and where the chain's code was", () => {
  const { mapping, samples } = readRecorded(SCRIPT, "mbx-lcore", "chain.node");
  assert.equal(mapping, {
    start: 0x7f4004152000,
    size: 0x2f000,
    offset: 0x5000,
    path: "/clone/a b/chain.node",
  });
  assert.equal(samples, [0x7f4004152010, 0x7f00aa000010, 0x7f4004180fff]);
});

const HEADERS = `
  Type           Offset   VirtAddr           PhysAddr           FileSiz  MemSiz   Flg Align
  LOAD           0x000000 0x0000000000000000 0x0000000000000000 0x004d70 0x004d70 R   0x1000
  LOAD           0x005000 0x0000000000006000 0x0000000000006000 0x02e425 0x02e425 R E 0x1000
  LOAD           0x0401c8 0x00000000000421c8 0x00000000000421c8 0x001380 0x00b120 RW  0x1000
`;

test("an address in memory is one in the file, by its executable segment", () => {
  const segments = readSegments(HEADERS);
  assert.equal(segments, [{ offset: 0x5000, address: 0x6000, size: 0x2e425 }]);
  const mapping = { start: 0x7f4004152000, size: 0x2f000, offset: 0x5000, path: "chain.node" };
  assert.is(addressIn(0x7f4004152010, mapping, segments), 0x6010);
  assert.is(addressIn(0x7f4004151fff, mapping, segments), undefined);
  assert.is(addressIn(0x7f4004152000 + 0x2f000, mapping, segments), undefined);
  assert.is(addressIn(0x7f4004152000 + 0x2e425, mapping, segments), undefined);
});

test("frames of an address are read from the innermost outwards", () => {
  const lines =
    "0x0000000000006010\ninner\n/a/b.h:12 (discriminator 3)\nouter\n/a/c.c:7\n0x0000000000006020\n??\n??:0\n";
  assert.equal(
    [...readFrames(lines)],
    [
      [
        0x6010,
        [
          { function: "inner", file: "/a/b.h" },
          { function: "outer", file: "/a/c.c" },
        ],
      ],
      [0x6020, [{ function: "??", file: "??" }]],
    ],
  );
});

test("what the thread does before its first packet and after its last one is not counted", () => {
  const open = [library("port/laps.c", "laps_load")];
  const parse = [library("packet/parse.c", "parse_usual")];
  const look = [library("flow/table.c", "lookup_chunk")];
  const close = [library("port/laps.c", "laps_unload")];
  const samples = [undefined, open, parse, look, undefined, parse, open, look, parse, close];
  assert.equal(placesOf(samples), ["lookup", "elsewhere", "parse", "receive", "lookup"]);
  assert.equal(placesOf([open, close]), []);
});

test("stages share a packet's cycles as samples were found, and nothing is lost", () => {
  const cycles = cyclesByPlace(["parse", "parse", "lookup", "elsewhere"], 80);
  assert.is(cycles.parse, 40);
  assert.is(cycles.lookup, 20);
  assert.is(cycles.elsewhere, 20);
  assert.is(cycles.track, 0);
  assert.is(
    places.reduce((sum, place) => sum + cycles[place], 0),
    80,
  );
});

test("rounds take turns, and the table has medians and ranges of each stage", async () => {
  const order: string[] = [];
  const parsed = [10, 30, 20, 10, 30, 20];
  const measured = await measureStages(stageSubjects.slice(0, 2), {
    rounds: 3,
    traceOf: ({ trace }) => ({ name: "a trace", counts: traceCounts(trace), path: "" }),
    lapsOf: () => 1,
    record: async ({ name }) => {
      order.push(name);
      const cycles = cyclesByPlace(["parse"], parsed[order.length - 1] ?? 0);
      return { samples: 1, cyclesPerPacket: cycles.parse, cycles };
    },
    progress: () => {},
  });
  assert.equal(order, ["flows", "1 NF", "flows", "1 NF", "flows", "1 NF"]);
  const text = renderStages(measured);
  assert.match(text, /^parse +20\.0 +10\.0–30\.0 +20\.0 +10\.0–30\.0$/m);
  assert.match(text, /^lookup +0\.0 +0\.0–0\.0 +0\.0 +0\.0–0\.0$/m);
  assert.match(text, /^\(2\) 1 NF over a trace$/m);
  assert.is(renderStages([]), "");
});

test("where nothing can be sampled, why is said, and nothing is measured", async () => {
  const { PATH } = process.env;
  process.env.PATH = "/nowhere";
  try {
    const { subjects, absent } = await presentStages(true);
    assert.equal(subjects, []);
    assert.match(absent[0]?.reason ?? "", "perf is not installed (Debian's package linux-perf)");
    assert.equal(absent[0]?.comparisons, ["stages"]);
  } finally {
    process.env.PATH = PATH;
  }
});

const LOADER = join(ROOT, "node_modules/tsx/dist/loader.mjs");

testUnless(test, await samplingLacks(), "most of a packet's cycles are found in a stage", async () => {
  const args = ["--only", "stages", "--rounds", "1", "--packets", "2000000"];
  const { code, stdout, stderr } = await runProgram(
    [process.execPath, "--import", LOADER, "bench/main.ts", ...args],
    { cwd: ROOT, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" }, limit: 170_000 },
  );
  assert.is(code, 0, stderr);
  const medians = (row: string) =>
    [...(new RegExp(`^${row} +(.*)$`, "m").exec(stdout)?.[1] ?? "").matchAll(/ *([\d.]+) +\S+/g)].map(
      ([, text]) => Number(text),
    );
  const [elsewhere, all] = [medians("elsewhere"), medians("all")];
  assert.is(all.length, 3, stdout);
  for (const [at, cycles] of all.entries()) assert.ok((elsewhere[at] ?? cycles) < cycles / 10, stdout);
  for (const stage of ["receive", "parse", "checksum", "lookup", "track", "dispatch", "handler", "transmit"])
    for (const cycles of medians(stage)) assert.ok(cycles > 0, `${stage}\n${stdout}`);
  const [flowsAlone = Number.NaN, ...bytes] = medians("reassemble");
  for (const cycles of bytes) assert.ok(cycles > 10 * flowsAlone, stdout);
});

test.run();
