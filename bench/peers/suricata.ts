/** Suricata: one thread, the patterns of samples/ids, alerts written and nothing else. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Run } from "../lap.ts";
import { BenchError, runOrThrow } from "../process.ts";
import type { Trace } from "../trace/trace.ts";
import type { Peer } from "./peer.ts";

const fileBeside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What it says of its own time: from its threads being ready to their being stopped. */
const ELAPSED = /time elapsed (\d+\.\d+)s/;
/** Of 7 and later, and of those before. */
const READ = /read 1 files?, (\d+) packets, \d+ bytes/;
/** The client of an alert, which is who sent what it is about. */
const CLIENT = /\{TCP\} (\S+) -> /;

function numberIn(output: string, pattern: RegExp): number {
  const found = pattern.exec(output)?.[1];
  if (found === undefined)
    throw new BenchError(`suricata did not say "${pattern.source}":\n${output.slice(-2000)}`);
  return Number(found);
}

/** Flows that alerts are about: of one flow there may be several. */
function flowsIn(alerts: string): number {
  return new Set(alerts.split("\n").flatMap((line) => CLIENT.exec(line)?.[1] ?? [])).size;
}

export function readRun({ counts }: Pick<Trace, "counts">, output: string, alerts: string): Run {
  const [packets, seconds] = [numberIn(output, READ), numberIn(output, ELAPSED)];
  if (packets !== counts.packets)
    throw new BenchError(`suricata read ${packets} packets, the trace has ${counts.packets}`);
  const flows = flowsIn(alerts);
  if (flows !== counts.attacks)
    throw new BenchError(`suricata alerted about ${flows} flows, the trace has ${counts.attacks} attacks`);
  return { packets, seconds, hugepages: false };
}

async function run(program: string, trace: Trace): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "mbx-suricata-"));
  try {
    const { stdout, stderr } = await runOrThrow(program, [
      ...["-v", "-c", fileBeside("suricata.yaml"), "-S", fileBeside("suricata.rules")],
      ...["-r", trace.path, "-l", folder, "--runmode", "single"],
    ]);
    return readRun(trace, stdout + stderr, readFileSync(join(folder, "fast.log"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const suricata: Peer = {
  name: "suricata",
  program: "suricata",
  origin: "Debian's package suricata, for Debian 12 in bookworm-backports",
  inMemory: false,
  run,
};
