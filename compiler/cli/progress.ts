/** What a build is doing: a line a step on a terminal, nothing until its end elsewhere. */
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
