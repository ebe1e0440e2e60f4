/** How start and run time speak to a person: `error[MBX7001]: …` on stderr. */
import { type RunCode, runCodes } from "./errors.ts";
import type { Fault, FaultSite } from "./messages.ts";

export type Tone = "error" | "warning" | "note";

export interface Console {
  /** Lines for people; data never goes here. */
  readonly write: (text: string) => void;
  readonly colour: boolean;
}

const COLOURS: Readonly<Record<Tone, string>> = { error: "31", warning: "33", note: "36" };

/** What to do about it, where that is always the same. */
const HELPS: Partial<Readonly<Record<RunCode, string>>> = {
  [runCodes.noSuchDevice]: "`ip link` lists the interfaces of this machine",
  [runCodes.noPermission]: "run it as root: `sudo npx mbx run …`",
  [runCodes.portNotBound]: "bind it with `--port NAME=DEVICE`",
  [runCodes.nothingToRunOn]: "give `--capture FILE`, or `--port NAME=DEVICE` for each port",
  [runCodes.captureAndPorts]: "give either `--capture` or `--port`",
  [runCodes.bufferFull]: "give the stack a larger `buffer`, as with `--set STACK.buffer=256MB`",
  [runCodes.handlerMismatch]: "build the program again: `mbx build`",
  [runCodes.programIncomplete]: "build the program again: `mbx build`",
  [runCodes.programMismatch]: "build the program again: `mbx build`",
};

export function printProblem(
  out: Console,
  tone: Tone,
  code: RunCode,
  message: string,
  detail: readonly string[] = [],
): void {
  const label = `${tone}[${code}]`;
  const head = out.colour
    ? `\u001b[1;${COLOURS[tone]}m${label}\u001b[0m\u001b[1m: ${message}\u001b[0m`
    : `${label}: ${message}`;
  const help = HELPS[code];
  const lines = [
    head,
    ...detail.map((line) => `  ${line}`),
    ...(help === undefined ? [] : [`help: ${help}`]),
  ];
  out.write(`${lines.join("\n")}\n`);
}

export function printNote(out: Console, text: string): void {
  out.write(`note: ${text}\n`);
}

export function printFault(out: Console, nf: string, fault: Fault): void {
  const { site } = fault;
  const where = site === undefined ? "" : ` at ${site.event}`;
  const what =
    fault.code === runCodes.promiseRejected
      ? `a promise of \`${nf}\` was rejected`
      : `\`${nf}\` threw${where}`;
  const context =
    site === undefined
      ? []
      : [
          [
            ...(site.flow === undefined ? [] : [`flow ${flowId(site.flow)}`]),
            `packet time ${isoNanoseconds(site.time)}`,
          ].join(", "),
        ];
  printProblem(out, "error", fault.code, `${what}: ${fault.message}`, [...context, ...fault.stack]);
}

/** `m.flow.id` as handlers have it: the generated stub computes the same. */
function flowId({ index, generation }: NonNullable<FaultSite["flow"]>): number {
  return generation * 2 ** 24 + index;
}

/** `2026-11-23T01:51:39.123456789Z`. */
export function isoNanoseconds(time: bigint): string {
  const seconds = time / 1_000_000_000n;
  const rest = String(time % 1_000_000_000n).padStart(9, "0");
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `${time} ns`;
  return `${date.toISOString().slice(0, 19)}.${rest}Z`;
}

/** As all of `mbx` does it: colour only to a terminal, NO_COLOR and FORCE_COLOR respected. */
export function wantsColour(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no } = env;
  if (force !== undefined && force !== "0") return true;
  if (no !== undefined && no !== "") return false;
  return isTerminal;
}
