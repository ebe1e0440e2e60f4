/** What a run came to: one object, and the same as a table for people. */
import type { Latency, MemoryPlan } from "./dataplane.ts";
import type { Resident } from "./resident.ts";
import type { PortCounts, Snapshot } from "./snapshot.ts";

export interface Summary {
  readonly program: string;
  readonly seconds: number;
  readonly lcore: LcoreTime;
  /** Cycles from receive to transmit, of packets that left; absent where nobody asked. */
  readonly latency?: Latency;
  readonly packets: {
    readonly in: number;
    readonly out: number;
    readonly injected: number;
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly flows: {
    readonly started: number;
    readonly midstream: number;
    readonly ended: Readonly<Record<string, number>>;
  };
  readonly events: Readonly<Record<string, number>>;
  readonly nfs: Readonly<Record<string, NfSummary>>;
  readonly ports: Readonly<Record<string, PortCounts>>;
  readonly memory: MemorySummary;
  /** What each instance had of this, by its number; absent where there is one only. */
  readonly instances?: readonly InstanceSummary[];
  /** Every counter of the dataplane, also those that are zero. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface InstanceSummary {
  readonly packets: Summary["packets"];
  readonly flows: Summary["flows"];
}

/** Of the timestamp counter; zero when the lcore did not end. */
export interface LcoreTime {
  readonly cycles: number;
  readonly cycles_per_second: number;
}

/** How long a run took: for people, and on the lcore alone. */
export interface Duration {
  readonly seconds: number;
  readonly cycles: number;
  readonly cyclesPerSecond: number;
  readonly latency?: Latency;
}

export interface MemorySummary {
  /** Bytes of all pools: what is printed at the start. */
  readonly total: number;
  readonly hugepages: boolean;
  readonly resident: Resident;
  /** By name; `used` objects before the first packet and at the end. */
  readonly pools: Readonly<Record<string, PoolSummary>>;
}

export interface PoolSummary {
  readonly count: number;
  readonly bytes: number;
  readonly used_at_start: number;
  readonly used_at_end: number;
}

export interface NfSummary {
  readonly handled: number;
  readonly published: number;
  readonly dropped: number;
  readonly lost: number;
  /** Handlers that threw, promises that were rejected, workers that ended. */
  readonly errors: number;
}

const DROPPED = "dropped.";
const ENDED = "flows.ended_";

/**
 * `faults`: what the workers counted, by NF; it includes what no event caused.
 * `died`: workers that ended by themselves, an error each.
 */
export function summarise(
  program: string,
  { seconds, cycles, cyclesPerSecond, latency }: Duration,
  snapshot: Snapshot,
  faults: ReadonlyMap<string, number>,
  died: ReadonlyMap<string, number>,
  memory: MemorySummary,
  instances: readonly Snapshot[],
): Summary {
  const { counters } = snapshot;
  return {
    program,
    seconds: Math.round(seconds * 1000) / 1000,
    lcore: { cycles, cycles_per_second: cyclesPerSecond },
    ...(latency === undefined ? {} : { latency }),
    ...packetsAndFlows(snapshot),
    events: snapshot.events,
    nfs: Object.fromEntries(
      Object.entries(snapshot.nfs).map(([name, { handled, published, dropped, lost, errors }]) => [
        name,
        {
          handled,
          published,
          dropped,
          lost,
          errors: Math.max(errors, faults.get(name) ?? 0) + (died.get(name) ?? 0),
        },
      ]),
    ),
    ports: snapshot.ports,
    memory,
    ...(instances.length === 0 ? {} : { instances: instances.map(packetsAndFlows) }),
    counters,
  };
}

function packetsAndFlows({ counters }: Snapshot): InstanceSummary {
  const at = (name: string): number => counters[name] ?? 0;
  return {
    packets: {
      in: at("packets.in"),
      out: at("packets.out"),
      injected: at("packets.injected"),
      dropped: nonZero(counters, DROPPED),
    },
    flows: {
      started: at("flows.started"),
      midstream: at("flows.midstream"),
      ended: nonZero(counters, ENDED),
    },
  };
}

export function memorySummary(start: MemoryPlan, end: MemoryPlan, resident: Resident): MemorySummary {
  return {
    total: start.pools.reduce((sum, { bytes }) => sum + bytes, 0),
    hugepages: start.hugepages,
    resident,
    pools: Object.fromEntries(
      start.pools.map(({ name, count, bytes, used }, i) => [
        name,
        { count, bytes, used_at_start: used, used_at_end: end.pools[i]?.used ?? 0 },
      ]),
    ),
  };
}

function nonZero(counters: Snapshot["counters"], prefix: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(counters)
      .filter(([name, value]) => name.startsWith(prefix) && value > 0)
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** The table; ends with a line break. */
export function renderSummary(summary: Summary): string {
  const { packets, flows } = summary;
  const rate = summary.seconds > 0 ? packets.in / summary.seconds : 0;
  const lines = [
    "",
    `${summary.program}: ${formatSeconds(summary.seconds)}, ${formatRate(rate)}`,
    "",
    row("packets", [
      `${formatCount(packets.in)} in`,
      `${formatCount(packets.out)} out`,
      ...(packets.injected > 0 ? [`${formatCount(packets.injected)} sent by the stack`] : []),
      ...named(packets.dropped, (cause) => `dropped: ${words(cause)}`),
      ...handedOn(summary.counters["packets.handed_on"] ?? 0),
    ]),
    ...(flows.started > 0
      ? [
          row("flows", [
            `${formatCount(flows.started)} started${flows.midstream > 0 ? ` (${formatCount(flows.midstream)} mid-stream)` : ""}`,
            ...named(flows.ended, (reason) => `ended: ${words(reason)}`),
          ]),
        ]
      : []),
    ...latencyLines(summary),
    ...instanceLines(summary.instances ?? []),
    ...eventLines(summary.events),
    ...nfLines(summary.nfs),
    "",
  ];
  return lines.join("\n");
}

/** What `--verbose` adds: one line of the resident size, and what was not given back. */
export function renderMemory({ total, resident, pools }: MemorySummary): string {
  const kept = Object.entries(pools).filter(([, pool]) => pool.used_at_end > pool.used_at_start);
  const of = (bytes: number) => formatBytes(bytes);
  return [
    row("memory", [
      `${of(resident.before)} resident before packets`,
      `${of(resident.highest)} at most`,
      `pools ${of(total)} + Node ${of(resident.own)}`,
      ...kept.map(
        ([name, { used_at_end, count }]) =>
          `${name}: ${formatCount(used_at_end)} of ${formatCount(count)} in use`,
      ),
    ]),
    "",
    "",
  ].join("\n");
}

const LABEL = 9;

function row(label: string, parts: readonly string[]): string {
  return `  ${label.padEnd(LABEL)} ${parts.join(" · ")}`;
}

function named(counts: Readonly<Record<string, number>>, label: (name: string) => string): readonly string[] {
  return Object.entries(counts).map(([name, count]) => `${formatCount(count)} ${label(name)}`);
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}

function latencyLines({ latency, lcore }: Summary): readonly string[] {
  if (latency === undefined) return [];
  const time = (cycles: number): string => `${((cycles / lcore.cycles_per_second) * 1e6).toFixed(2)} µs`;
  return [
    row("latency", [
      `${time(latency.p50)} median`,
      `${time(latency.p99)} 99th percentile`,
      `${time(latency.longest)} at most`,
    ]),
  ];
}

/** How far devices share packets out otherwise than flows are. */
function handedOn(count: number): readonly string[] {
  return count > 0 ? [`${formatCount(count)} handed on between instances`] : [];
}

/** By the number of the instance: how evenly they share. */
function instanceLines(instances: readonly InstanceSummary[]): readonly string[] {
  return instances.map(({ packets, flows }, number) =>
    row(number === 0 ? "instances" : "", [
      `${number}: ${formatCount(packets.in)} in`,
      `${formatCount(packets.out)} out`,
      ...(flows.started > 0 ? [`${formatCount(flows.started)} flows started`] : []),
    ]),
  );
}

function eventLines(events: Summary["events"]): readonly string[] {
  const entries = Object.entries(events);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  const digits = Math.max(0, ...entries.map(([, count]) => formatCount(count).length));
  return entries.map(([name, count], i) =>
    row(i === 0 ? "events" : "", [`${name.padEnd(width)} ${formatCount(count).padStart(digits)}`]),
  );
}

const NF_COLUMNS = ["handled", "published", "dropped", "errors", "lost"] as const;

function nfLines(nfs: Summary["nfs"]): readonly string[] {
  const entries = Object.entries(nfs);
  if (entries.length === 0) return [];
  const cells = entries.map(([name, counts]) => [
    name,
    ...NF_COLUMNS.map((column) => formatCount(counts[column])),
  ]);
  const table = [["", ...NF_COLUMNS], ...cells];
  const widths = table.reduce<readonly number[]>(
    (widest, cellsOfRow) => cellsOfRow.map((cell, i) => Math.max(cell.length, widest[i] ?? 0)),
    [],
  );
  return [
    "",
    ...table.map((cellsOfRow, i) =>
      row(i === 0 ? "functions" : "", [
        cellsOfRow
          .map((cell, column) =>
            column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
          )
          .join("  "),
      ]),
    ),
  ];
}

/** `1,234,567` */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** Of packets: `1.25 Mpps`, `3.4 kpps`, `12 packets/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} Mpps`;
  if (perSecond >= 1e3) return `${(perSecond / 1e3).toFixed(1)} kpps`;
  return `${Math.round(perSecond)} packets/s`;
}

function formatSeconds(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(2)} s` : `${seconds.toFixed(1)} s`;
}

/** Binary: `1.5 GB`. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB"];
  const step = Math.min(units.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}
