/** What `mbx run` hands to a program. */
import type { PortBinding, Rss, StartOptions } from "./dataplane.ts";

export interface RunOptions {
  readonly capture?: string;
  /** The capture is kept in memory and played so often, each time with other clients; absent: read once. */
  readonly laps?: number;
  readonly out?: string;
  readonly ports: readonly PortBinding[];
  /** 1–256. */
  readonly burst: number;
  readonly speed: "max" | "recorded";
  readonly poll: "adaptive" | "busy";
  /** Who shares packets of devices out to several instances: they, where all can (`auto`, also where absent). */
  readonly rss?: Rss;
  /** The summary as one object on stdout, and nothing else there: what handlers print goes to stderr. */
  readonly json: boolean;
  /** How long packets take is counted. */
  readonly latency?: boolean;
  readonly verbose: boolean;
  /** Sizes of every worker's rings, for tests; absent: the dataplane decides. */
  readonly rings?: StartOptions["rings"];
}

export const defaultRunOptions: RunOptions = {
  ports: [],
  burst: 32,
  speed: "max",
  poll: "adaptive",
  json: false,
  verbose: false,
};

export interface RunResult {
  /** 0: it ran; 1: it could not start, or the dataplane failed. */
  readonly exitCode: 0 | 1;
}
