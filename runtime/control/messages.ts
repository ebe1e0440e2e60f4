/** What main and a worker say to each other. */
import type { RunCode } from "./errors.ts";

/** `workerData` of a worker. */
export interface WorkerSetup {
  /** File of the addon. */
  readonly addon: string;
  /** URL of the handler's bundle. */
  readonly module: string;
  readonly nf: string;
  /** Core that the chain places it on; absent: any. */
  readonly core?: number;
  readonly chain: number;
  readonly outlet: number;
  /** `NfModule.layout` that the addon was built with. */
  readonly layout: string;
  readonly subscriptions: readonly string[];
  readonly flows: number;
  /** status.ts. */
  readonly status: SharedArrayBuffer;
  /** Looks at an empty ring before it sleeps: 0 where the lcore needs the core. */
  readonly spin: number;
  /** A progress line stands on the terminal: clear it before anything is printed. */
  readonly clearLine: boolean;
  /** Where what handlers print goes: 1, or 2 when standard output is for the summary alone. */
  readonly printTo: 1 | 2;
}

export type WorkerMessage =
  | { readonly kind: "ready" }
  /** It cannot run this handler; it exits. */
  | { readonly kind: "refused"; readonly code: RunCode; readonly message: string; readonly detail: string }
  | { readonly kind: "fault"; readonly fault: Fault }
  /** As many more, not told one by one. */
  | { readonly kind: "more-faults"; readonly count: number }
  | { readonly kind: "lost"; readonly count: number }
  /** Nobody reads its standard output any more. */
  | { readonly kind: "output-closed" }
  /** Its standard output takes no more: what handlers print is gone. */
  | { readonly kind: "output-failed"; readonly reason: string }
  /** The last message: memory is let go. */
  | { readonly kind: "done"; readonly faults: number };

/** There are no more events: end, detach and exit. */
export type ControlMessage = { readonly kind: "finish" };

/** Something that a handler threw, or a promise of it that was rejected. */
export interface Fault {
  readonly code: RunCode;
  /** Of the error, one line. */
  readonly message: string;
  /** Lines of the stack that are the author's, mapped to the source. */
  readonly stack: readonly string[];
  /** The event it was handling; absent in timers and promises. */
  readonly site?: FaultSite;
}

export interface FaultSite {
  readonly event: string;
  /** Index and generation; absent: an event without a flow. */
  readonly flow?: { readonly index: number; readonly generation: number };
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
}
