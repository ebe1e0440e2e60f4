/** Somebody asked for the end and waits: says who keeps it from coming. */
import type { Dataplane, LcorePlace } from "./dataplane.ts";
import { runCodes } from "./errors.ts";
import type { NfWorker, WorkerListener } from "./workers.ts";

/** So long nothing is said: most runs end within it. */
const QUIET_MS = 2_000;

export interface Waiting {
  readonly dataplane: Pick<Dataplane, "at">;
  /** Instances, then functions in C on cores of their own. */
  readonly threads: number;
  readonly workers: readonly NfWorker[];
  readonly problem: WorkerListener["problem"];
  /** The lcore is in a handler in C that does not return, and was told to stop at once. */
  readonly giveUp: (place: LcorePlace) => void;
}

/** Begins with each request to stop; returns what ends it. */
export function whileWaiting(waiting: Waiting, how: "drain" | "now"): () => void {
  const before = places(waiting);
  const timer = setTimeout(() => tellWhoIsStuck(waiting, how, before), QUIET_MS);
  return () => clearTimeout(timer);
}

/** Where each thread of the dataplane is. */
function places({ dataplane, threads }: Waiting): readonly (LcorePlace | null)[] {
  return Array.from({ length: threads }, (_, thread) => dataplane.at(thread));
}

function tellWhoIsStuck(
  waiting: Waiting,
  how: "drain" | "now",
  before: readonly (LcorePlace | null)[],
): void {
  const place = places(waiting).find((now, i) => now !== null && now.turn === before[i]?.turn) ?? null;
  const hint = how === "drain" ? "Ctrl-C again stops at once" : "it is ended";
  if (place !== null) {
    const names = place.nfs.map((name) => `\`${name}\``).join(", ");
    waiting.problem(
      "warning",
      runCodes.handlerBusy,
      `chain \`${place.chain}\` has been at one burst for ${QUIET_MS / 1000} s: a handler in C does not return`,
      [`${names === "" ? "its stack is at work" : `it is of ${names}`}; ${hint}`],
    );
    if (how === "now") waiting.giveUp(place);
    return;
  }
  for (const worker of waiting.workers) worker.tellIfStuck(performance.now(), hint);
}
