/** What a build is doing: a line a step on a terminal, elsewhere only what takes long. */
import type { StepName } from "../build/back.ts";
import { type Stream, styled } from "./output.ts";

export interface Progress {
  readonly step: (name: StepName) => void;
  /** Ends the last step; returns the seconds since the start. */
  readonly end: () => number;
}

export function createProgress(to: Stream, show: boolean): Progress {
  const start = performance.now();
  let current: { readonly name: StepName; readonly since: number } | undefined;
  const finish = () => {
    if (current !== undefined && show) {
      const seconds = (performance.now() - current.since) / 1000;
      to.write(`${styled(current.name.padEnd(12), "dim", to.colour)} ${formatSeconds(seconds)}\n`);
    }
    current = undefined;
  };
  return {
    step: (name) => {
      finish();
      current = { name, since: performance.now() };
      // It takes long enough to wonder what is going on.
      if (name === "compile the dataplane (once)" && !show) {
        to.write("compiling the dataplane, once for this clone and compiler\n");
      }
    },
    end: () => {
      finish();
      return (performance.now() - start) / 1000;
    },
  };
}

export function formatSeconds(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}
