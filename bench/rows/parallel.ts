/** Two functions one after the other on one core, and on two: in line, so that packets wait for both. */
import { type ChainSubject, tracked } from "../subjects.ts";
import type { TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { against, type Comparison } from "./comparison.ts";

/** Of the packets that a run usually plays, so few that it is one lap. */
const ONE_LAP = 1000;

function working(name: string, chain: string, functions: readonly string[], trace: TraceSpec): ChainSubject {
  return {
    kind: "chain",
    name,
    chain: `bench/chains/${chain}.mbx`,
    run: ["--latency"],
    trace,
    oneIn: 4,
    expected: (counts) => ({
      ...tracked(counts),
      "packets.dropped.nf": 0,
      ...Object.fromEntries(functions.map((nf) => [`nfs.${nf}.handled`, counts.client.segments])),
    }),
  };
}

/** Both handlers, alone and together: those of some hundreds of cycles, and those of thousands. */
interface Weight {
  readonly suffix: string;
  readonly name: string;
  readonly one: string;
  readonly two: string;
  readonly parallel: string;
  readonly pipeline: string;
  readonly functions: readonly [string, string];
}

const light: Weight = {
  suffix: "",
  name: "working",
  one: "work-1",
  two: "work-2",
  parallel: "parallel-2",
  pipeline: "pipeline-2",
  functions: ["work1", "work2"],
};

const heavy: Weight = {
  suffix: "-heavy",
  name: "hashing",
  one: "heavy-1",
  two: "heavy-2",
  parallel: "heavy-parallel-2",
  pipeline: "heavy-pipeline-2",
  functions: ["heavy1", "heavy2"],
};

const onTwo = (name: string, baseline: ChainSubject, subject: ChainSubject): Comparison => ({
  ...against(baseline, name, subject),
  cpus: 2,
});

/** The same at the pace of a capture that none of them is too slow for: no packet waits for another. */
const paced = (subject: ChainSubject): ChainSubject => ({
  ...subject,
  name: `${subject.name}, at a pace`,
  run: ["--latency", "--speed", "recorded"],
  trace: traces.largePaced,
  oneIn: ONE_LAP,
});

/** Latencies at full speed are of bursts that wait for each other. */
const latency = (row: Comparison, baseline: ChainSubject, subject: ChainSubject): Comparison => ({
  ...row,
  ...against(paced(baseline), `${row.name}-latency`, paced(subject)),
  compares: "latency",
});

/** A function in line that does next to nothing with bytes that are kept to be compared. */
export const inLine = (trace: TraceSpec): ChainSubject =>
  working(`1 ${light.name}`, light.one, light.functions.slice(0, 1), trace);

function weighing({ suffix, name, one, two, parallel, pipeline, functions }: Weight): readonly Comparison[] {
  const trace = traces.large;
  const single = working(`1 ${name}`, one, functions.slice(0, 1), trace);
  const sequence = working(`2 ${name} in sequence`, two, functions, trace);
  const beside = working(`2 ${name} in parallel, on 2 cores`, parallel, functions, trace);
  const behind = working(`2 ${name} in sequence, on 2 cores`, pipeline, functions, trace);
  const longer = against(single, `sequence-2${suffix}`, sequence);
  const side = onTwo(`parallel-2${suffix}`, sequence, beside);
  const line = onTwo(`pipeline-2${suffix}`, sequence, behind);
  return [
    longer,
    side,
    line,
    latency(longer, single, sequence),
    latency(side, sequence, beside),
    latency(line, sequence, behind),
  ];
}

export const parallelRows: readonly Comparison[] = [...weighing(light), ...weighing(heavy)];
