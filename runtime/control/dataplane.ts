/**
 * The dataplane as TypeScript sees it: what `require("./chain.node")` gives,
 * in the main thread and in each worker (the addon is context-aware; what it
 * runs is one per process).
 *
 * Main:    describe · open · (workers attach) · start · … onEnded · (workers
 *          detach and exit) · close
 * Worker:  attach · waitForEvents / wake / waitForRoom / clock … · detach
 *
 * Errors are thrown as `DataplaneError`: `code` is of errors.ts, `message` a
 * plain sentence that stands alone.
 */
import type { DataplaneCode } from "./errors.ts";

export interface Dataplane {
  /** Names and sizes that the program was compiled with. Needs nothing to be open. */
  describe(): ProgramDescription;

  /**
   * Main: starts EAL on a native thread, takes all memory, opens ports, makes
   * the rings. Nothing is received yet. Throws and leaves nothing behind when
   * any of it fails. Once per process.
   */
  open(options: StartOptions): void;

  /** Main, after `open`: the pools that were taken; while it runs, `used` stays what it was. */
  memory(): MemoryPlan;

  /** Main, after `open`: who shares packets out to the instances, in words; empty where there is one. */
  sharing(): string;

  /**
   * Main, after `open`: called once, on the main thread, when no lcore runs any
   * more: the capture ended and all was drained, `stop` was obeyed, or it
   * failed. Keeps the event loop alive until then.
   */
  onEnded(callback: (end: DataplaneEnd) => void): void;

  /** Main: the lcores begin to receive. Every outlet has a worker by now. */
  start(): void;

  /**
   * Main: `drain` receives no more, finishes what is in flight, ends all flows
   * (FLOW_END shutdown) and waits until the workers have passed everything, or
   * pass nothing for 5 s; `now` counts what is in flight as dropped.shutdown.
   * Returns at once; `onEnded` follows. A second call may only be harsher.
   */
  stop(how: "drain" | "now"): void;

  /**
   * Main, after `onEnded` and when every worker has detached or exited: closes
   * ports, writes out the capture, joins threads, gives back memory and
   * hugepage files.
   */
  close(): void;

  /**
   * Main, from `open` to `close`: what has been warned of since the start, from
   * this number on; `DataplaneEnd.warnings` are all of them.
   */
  warnings(from: number): readonly Problem[];

  /** Main: where an instance's lcore is; null: in no chain. The same `turn` again: it has not moved. */
  at(instance: number): LcorePlace | null;

  state(): DataplaneState;

  /**
   * Main: a snapshot in the order of counters.ts (`counterLayout`), exact to
   * the last burst; `into` has `counterLayout(describe()).size` entries. Also
   * between `onEnded` and `close`. Of all instances together.
   */
  counters(into: Float64Array): void;

  /** Main: the same of one instance, without what happened in the ports before it. */
  instanceCounters(instance: number, into: Float64Array): void;

  /**
   * Main: the worker of this outlet is gone: its events are lost from now on, nothing waits for it.
   * Also when nothing runs any more: what it had not handled counts as lost then.
   *
   * Here and below, chains count over all instances: that of an instance is its number times the
   * program's chains, and its own number in the program.
   */
  abandon(chain: number, outlet: number): void;

  /** Worker: memory of its rings and packets, as this thread's ArrayBuffers. Once per worker. */
  attach(chain: number, outlet: number): OutletMemory;

  /** Worker: empties the ArrayBuffers of this thread, so that the memory can go. */
  detach(chain: number, outlet: number): void;

  /**
   * Worker: sleeps on the event ring's sleeping word until there are events, at
   * most `timeoutMs` (1–10). True when there are some. `ring_sleep()` of
   * ring/ring.h does it.
   */
  waitForEvents(chain: number, outlet: number, timeoutMs: number): boolean;

  /** Worker: keeps its thread on one core. False where this process may not use that core. */
  placeThread(core: number): boolean;

  /** Worker: wakes the lcore; called after publishing when the answer ring's sleeping word is set. */
  wake(chain: number, outlet: number): void;

  /** Worker: microseconds of a steady clock, modulo 2^30. Makes no garbage, as Node's clocks do. */
  clock(): number;

  /**
   * Worker: the answer ring is full: wakes the lcore and gives it the core for
   * up to a millisecond. False when no lcore drains any more (stopped, failed):
   * the worker gives up what it wanted to say.
   */
  waitForRoom(chain: number, outlet: number): boolean;
}

export type DataplaneState = "idle" | "open" | "running" | "draining" | "stopped" | "failed";

export interface ProgramDescription {
  readonly program: string;
  /** By number. */
  readonly ports: readonly string[];
  readonly chains: readonly ChainDescription[];
  /** Instances of all chains, each on an lcore of its own. */
  readonly instances: number;
  /** Functions in C on cores of their own, of all instances. */
  readonly natives: number;
  /** `counter_infos` of counter.h, in order. */
  readonly counters: readonly { readonly name: string; readonly doc: string }[];
}

export interface ChainDescription {
  readonly name: string;
  readonly stack: string;
  /** Bound of the flow table of an instance; 0 without one. */
  readonly flows: number;
  readonly outlets: number;
  readonly nfs: readonly NfDescription[];
  /** By event type; null where a number has no event. */
  readonly events: readonly (string | null)[];
}

export interface NfDescription {
  readonly name: string;
  /** Number of its outlet in the chain; null: in C, on the lcore. */
  readonly outlet: number | null;
  /** Place in the path's order, from 0. */
  readonly place: number;
}

export interface StartOptions {
  /** A capture to replay; exclusive with `ports`. */
  readonly capture?: string;
  /** The capture is kept in memory and played so often, 1–1,000,000,000, each time with other clients. */
  readonly laps?: number;
  /** Where forwarded packets are written as a capture. */
  readonly out?: string;
  /** Devices, one for each port of the program, when live. */
  readonly ports: readonly PortBinding[];
  /** Most packets taken at once, 1–256. */
  readonly burst: number;
  readonly speed: "max" | "recorded";
  readonly poll: "adaptive" | "busy";
  /** Who shares packets of devices out to several instances. Absent: `auto`. */
  readonly rss?: Rss;
  /** 1: how long packets take is counted, which costs two reads of a clock a burst. */
  readonly latency?: 0 | 1;
  /** Sizes of every outlet, in slots; powers of two. Absent: the dataplane decides. */
  readonly rings?: { readonly events: number; readonly answers: number; readonly spill: number };
}

export type Rss = "auto" | "device" | "software";

export interface PortBinding {
  readonly name: string;
  /** A DPDK device string: `net_af_packet0,iface=eth0`, a PCI address. */
  readonly device: string;
}

export interface OutletMemory {
  /** The whole event ring, header included (ring/ring.h). */
  readonly events: ArrayBuffer;
  /** The whole answer ring. */
  readonly answers: ArrayBuffer;
  /** All mbufs and chunks in one region; offsets in records count from its start. */
  readonly packets: ArrayBuffer;
}

export interface MemoryPlan {
  readonly hugepages: boolean;
  readonly pools: readonly MemoryPool[];
}

export interface MemoryPool {
  /** `packets`, `chunks`, `flows web`, `rings stats`, … */
  readonly name: string;
  readonly count: number;
  /** Of all its objects together. */
  readonly bytes: number;
  /** Objects in use: before the start, and after the end. */
  readonly used: number;
}

export interface DataplaneEnd {
  readonly reason: "capture-ended" | "stopped" | "failed";
  /** Present when `failed`. */
  readonly failure?: Problem;
  /** What did not stop the run: a capture that is cut off, a worker that did not finish. */
  readonly warnings: readonly Problem[];
  /** Of the processor's timestamp counter: how long the lcore ran, until all packets had left. */
  readonly cycles: number;
  readonly cyclesPerSecond: number;
  /** Where it was asked for and packets left. */
  readonly latency?: Latency;
}

/** From the receive of a burst until its packets were sent; of all packets that left, in cycles. */
export interface Latency {
  readonly packets: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

export interface LcorePlace {
  readonly turn: number;
  readonly chain: string;
  /** The functions in C of which one runs, unless the stack does. */
  readonly nfs: readonly string[];
}

export interface Problem {
  readonly code: DataplaneCode;
  readonly message: string;
}

/** What `open` and `start` throw. */
export interface DataplaneError extends Error {
  readonly code: DataplaneCode;
}
