/** Several instances of a stack, each on a CPU of its own. */
import type { ChainSubject } from "../subjects.ts";
import type { TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { against, type Comparison } from "./comparison.ts";
import { flows } from "./path.ts";

/** Without fragments, so that ports are known to share flows out. */
const onCores = (cores: number, trace: TraceSpec): ChainSubject => ({
  ...flows(trace),
  name: cores === 1 ? "flows, 1 instance" : `flows, ${cores} instances`,
  planned: ["--set", `all.cores=${cores}`, "--set", "all.fragments=0"],
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

export const coreRows: readonly Comparison[] = [
  instances("cores-2", traces.small),
  instances("cores-2-runs", traces.smallRuns),
  shared("cores-2-shared", traces.small),
];
