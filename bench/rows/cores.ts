/** Several instances of a stack, each on a CPU of its own. */
import type { ChainSubject } from "../subjects.ts";
import type { TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { bare } from "./bare.ts";
import { against, type Comparison } from "./comparison.ts";
import { flows } from "./path.ts";

/**
 * Four times as many packets as usual: each page of a flow table that is written for the first
 * time interrupts all cores of the process, and instances together have as many as one alone.
 */
const LONGER = 1 / 4;

/** Without fragments, so that ports are known to share flows out. */
const onCores = (cores: number, trace: TraceSpec): ChainSubject => ({
  ...flows(trace),
  name: cores === 1 ? "flows, 1 instance" : `flows, ${cores} instances`,
  planned: ["--set", `all.cores=${cores}`, "--set", "all.fragments=0"],
  oneIn: LONGER,
});

/** The replay loop alone: what two cores of this machine come to where nothing is done with a packet. */
const bareOnCores = (cores: number, trace: TraceSpec): ChainSubject => ({
  ...bare(trace),
  name: cores === 1 ? "bare, 1 instance" : `bare, ${cores} instances`,
  planned: ["--set", `nothing.cores=${cores}`],
  oneIn: LONGER,
});

/** Where frames are written, the lcore that has the ports shares them out: there is nobody else who could. */
const written = (subject: ChainSubject): ChainSubject => ({
  ...subject,
  name: `${subject.name}, written`,
  run: ["--out", "/dev/null"],
  oneIn: 4,
});

/** Of a capture in memory each instance has its part, as of a device with a queue for each. */
const instances = (name: string, trace: TraceSpec): Comparison => ({
  ...against(onCores(1, trace), name, onCores(2, trace)),
  cpus: 2,
});

/** RSS in software: one more lcore shares packets out. */
const shared = (name: string, trace: TraceSpec): Comparison => ({
  ...against(written(onCores(1, trace)), name, written(onCores(2, trace))),
  cpus: 3,
});

const bareInstances = (name: string, trace: TraceSpec): Comparison => ({
  ...against(bareOnCores(1, trace), name, bareOnCores(2, trace)),
  cpus: 2,
});

export const coreRows: readonly Comparison[] = [
  bareInstances("cores-2-bare", traces.small),
  instances("cores-2", traces.small),
  instances("cores-2-runs", traces.smallRuns),
  // Of so many flows chance gives each instance nearly half.
  instances("cores-2-short", traces.smallShort),
  shared("cores-2-shared", traces.small),
];
