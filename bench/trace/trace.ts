/** Seeded captures for the bench: written once, found again afterwards. */
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CaptureWriter } from "./capture.ts";
import { MOST_FLOWS, segmentsOf } from "./flow.ts";
import { writeFrame } from "./frame.ts";
import { schedule } from "./order.ts";
import { scriptsOf } from "./script.ts";
import { type TraceCounts, type TraceSpec, traceCounts, traceName } from "./spec.ts";

/** Raised when a byte of what is written changes, so that no old file is taken for a new one. */
const VERSION = 3;

export interface Trace {
  readonly name: string;
  readonly counts: TraceCounts;
  readonly path: string;
}

function writeTrace(fd: number, spec: TraceSpec): void {
  const scripts = scriptsOf(spec.size, spec.each);
  const segmentOf = segmentsOf(spec);
  const capture = new CaptureWriter(fd, spec.gapNs);
  schedule(spec.order, scripts[0]?.length ?? 0, spec.seed, (flow, index) => {
    const step = scripts[flow % scripts.length]?.[index];
    if (step === undefined) return;
    const segment = segmentOf(flow, step);
    capture.frame((into, at) => writeFrame(into, at, segment, step.fromClient));
  });
  capture.flush();
}

/** A file is there only when it is whole. */
function writeWhole(path: string, write: (fd: number) => void): void {
  const draft = `${path}.${process.pid}`;
  const fd = openSync(draft, "w");
  try {
    write(fd);
    renameSync(draft, path);
  } finally {
    closeSync(fd);
    rmSync(draft, { force: true });
  }
}

const fileName = (spec: TraceSpec): string => {
  const key = createHash("sha256")
    .update(JSON.stringify([VERSION, spec]))
    .digest("hex")
    .slice(0, 12);
  const words = traceName(spec).toLowerCase().replaceAll(",", "").replaceAll(" ", "-");
  return `${words}-${key}.pcap`;
};

/** The trace as a file in `folder`. Its name has a key of the whole specification. */
export function makeTrace(spec: TraceSpec, folder: string): Trace {
  if (spec.order.flows > MOST_FLOWS) throw new RangeError(`a trace has at most ${MOST_FLOWS} flows`);
  const path = join(folder, fileName(spec));
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeWhole(path, (fd) => writeTrace(fd, spec));
  }
  return { name: traceName(spec), counts: traceCounts(spec), path };
}
