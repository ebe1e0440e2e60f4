/** What can be said about the options before anything is opened. */
import { type RunCode, runCodes } from "./errors.ts";
import type { RunOptions } from "./options.ts";

export interface OptionProblem {
  readonly code: RunCode;
  readonly message: string;
}

/** Every mistake, in the order of the options. */
export function checkOptions(options: RunOptions, ports: readonly string[]): readonly OptionProblem[] {
  if (options.capture !== undefined) {
    return options.ports.length === 0
      ? []
      : [{ code: runCodes.captureAndPorts, message: "a capture and devices cannot be run at once" }];
  }
  if (options.ports.length === 0) {
    return [{ code: runCodes.nothingToRunOn, message: "neither a capture nor a device is given" }];
  }
  return [...unknownPorts(options, ports), ...portsBoundTwice(options), ...portsNotBound(options, ports)];
}

function unknownPorts(options: RunOptions, ports: readonly string[]): readonly OptionProblem[] {
  return options.ports
    .filter(({ name }) => !ports.includes(name))
    .map(({ name }) => ({
      code: runCodes.portUnknown,
      message: `no chain has a port \`${name}\`: the ports are ${nameList(ports)}`,
    }));
}

function portsBoundTwice(options: RunOptions): readonly OptionProblem[] {
  const names = options.ports.map(({ name }) => name);
  const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
  return [...twice].map((name) => ({
    code: runCodes.portBoundTwice,
    message: `port \`${name}\` is bound twice`,
  }));
}

function portsNotBound(options: RunOptions, ports: readonly string[]): readonly OptionProblem[] {
  const bound = new Set(options.ports.map(({ name }) => name));
  return ports
    .filter((name) => !bound.has(name))
    .map((name) => ({ code: runCodes.portNotBound, message: `port \`${name}\` is bound to no device` }));
}

function nameList(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map((name) => `\`${name}\``).join(", ");
}
