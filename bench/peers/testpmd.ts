/** DPDK's testpmd: replays a capture from memory and drops it, without looking into any packet. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../lap.ts";
import { BenchError } from "../process.ts";
import type { TraceCounts } from "../trace/spec.ts";
import type { Trace } from "../trace/trace.ts";
import { hugepagesFree } from "./hugepages.ts";
import type { Peer } from "./peer.ts";

/** `net_pcap` keeps the capture in mbufs of its own and copies from them into others. */
const MORE_MBUFS = 65_536;
const MBUF_BYTES = 2560;
/** Of what it takes beside mbufs. */
const MORE_BYTES = 256 << 20;
const WARM_UP_MS = 300;
const MEASURED_MS = 1000;
const LIMIT_MS = 30_000;

export interface PortStatistics {
  readonly packets: number;
  readonly bytes: number;
  /** Received wrongly, missed, or without an mbuf. */
  readonly lost: number;
  /** Since the statistics before. */
  readonly packetsPerSecond: number;
}

const BLOCK = /NIC statistics for port 0([\s\S]*?)Tx-pps:/g;

function numberOf(block: string, name: string): number {
  return Number(new RegExp(`${name}: +(\\d+)`).exec(block)?.[1] ?? Number.NaN);
}

/** Each `show port stats 0` that testpmd has answered as a whole. */
export function readStatistics(output: string): readonly PortStatistics[] {
  return [...output.matchAll(BLOCK)].map(([, block = ""]) => ({
    packets: numberOf(block, "RX-packets"),
    bytes: numberOf(block, "RX-bytes"),
    lost: ["RX-missed", "RX-errors", "RX-nombuf"].reduce((sum, name) => sum + numberOf(block, name), 0),
    packetsPerSecond: numberOf(block, "Rx-pps"),
  }));
}

/** Packets that it counts are bytes of the trace's mean length: it stops in the middle of a lap. */
const MEAN_LENGTH_WITHIN = 0.01;

/** What it received between two statistics. */
export function received(
  counts: TraceCounts,
  before: PortStatistics,
  after: PortStatistics,
): Omit<Run, "hugepages"> {
  const packets = after.packets - before.packets;
  const mean = (after.bytes - before.bytes) / packets;
  const expected = counts.bytes / counts.packets;
  if (!(packets >= counts.packets)) throw new BenchError(`testpmd received ${packets} packets, not a lap`);
  if (Math.abs(mean / expected - 1) > MEAN_LENGTH_WITHIN)
    throw new BenchError(
      `testpmd received ${mean.toFixed(1)} bytes a packet, the trace has ${expected.toFixed(1)}`,
    );
  if (after.lost > 0) throw new BenchError(`testpmd lost ${after.lost} packets`);
  return { packets, seconds: packets / after.packetsPerSecond };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** What has been printed, and a wait for more. */
class Output {
  text = "";
  readonly #ended: Promise<unknown>;

  constructor(child: Child) {
    this.#ended = once(child, "close");
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.text += text;
      });
  }

  async until(holds: (text: string) => boolean): Promise<void> {
    let over = false;
    const ended = this.#ended.then(() => {
      over = true;
    });
    while (!holds(this.text)) {
      if (over) throw new BenchError(`testpmd ended by itself:\n${this.text.slice(-2000)}`);
      await Promise.race([sleep(5), ended]);
    }
  }

  ended(): Promise<unknown> {
    return this.#ended;
  }
}

function argumentsFor({ path }: Trace, hugepages: boolean, mbufs: number): readonly string[] {
  const memory = hugepages
    ? ["--in-memory"]
    : ["--no-huge", "--no-shconf", "-m", String(Math.ceil((mbufs * MBUF_BYTES + MORE_BYTES) / (1 << 20)))];
  // Its lcore on the CPU where a chain's would be, the prompt's wherever there is room.
  const lcores = cpus().length > 1 ? "0@(0,1),1@1" : "0@0,1@0";
  return [
    ...["--lcores", lcores, "--no-pci", "--no-telemetry", "--log-level=error", ...memory],
    ...["--vdev", `net_pcap0,rx_pcap=${path},infinite_rx=1`],
    ...["--", "-i", "--forward-mode=rxonly", `--total-num-mbufs=${mbufs}`],
  ];
}

const PROMPT = "testpmd> ";
const prompts = (text: string): number => text.split(PROMPT).length - 1;

/** Statistics before and after a time of replay. */
async function talk(child: Child): Promise<readonly PortStatistics[]> {
  const output = new Output(child);
  let said = 0;
  // Only prompts are written at once: all else it keeps back while its output is a pipe.
  const say = async (line: string): Promise<void> => {
    child.stdin.write(`${line}\n`);
    said += 1;
    await output.until((text) => prompts(text) > said);
  };
  await output.until((text) => prompts(text) > 0);
  await say("start");
  await sleep(WARM_UP_MS);
  await say("show port stats 0");
  await sleep(MEASURED_MS);
  await say("show port stats 0");
  await say("stop");
  child.stdin.end("quit\n");
  await output.ended();
  return readStatistics(output.text);
}

async function run(program: string, trace: Trace): Promise<Run> {
  const mbufs = trace.counts.packets + MORE_MBUFS;
  const hugepages = hugepagesFree() > mbufs * MBUF_BYTES + MORE_BYTES;
  const child = spawn(program, argumentsFor(trace, hugepages, mbufs), { stdio: ["pipe", "pipe", "pipe"] });
  const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  // It may end before it is told to: what it said then is in the error.
  child.stdin.on("error", () => {});
  try {
    const [before, after] = await talk(child);
    if (before === undefined || after === undefined) throw new BenchError("testpmd printed no statistics");
    return { ...received(trace.counts, before, after), hugepages };
  } finally {
    clearTimeout(limit);
    child.kill("SIGKILL");
  }
}

export const testpmd: Peer = {
  name: "testpmd",
  program: "dpdk-testpmd",
  origin: "Debian's package dpdk-dev",
  inMemory: true,
  run,
};
