/** Where a command prints: human text on stderr, data on stdout, colour only to a terminal. */
import { fault, reasonOf } from "../build/fault.ts";
import { PROBLEMS } from "./exit.ts";

export interface Stream {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  readonly terminal: boolean;
  /** Columns to wrap at. */
  readonly width: number;
}

export interface Io {
  /** Data. */
  readonly out: Stream;
  /** Everything that a person reads. */
  readonly err: Stream;
  readonly cwd: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * NO_COLOR and FORCE_COLOR hold when they are set and not empty; FORCE_COLOR=0
 * switches colour off, as elsewhere. NO_COLOR wins.
 */
export function coloured(env: Environment, terminal: boolean): boolean {
  if ((env.NO_COLOR ?? "") !== "") return false;
  const forced = env.FORCE_COLOR ?? "";
  if (forced !== "") return forced !== "0" && forced !== "false";
  return terminal && env.TERM !== "dumb";
}

const NARROWEST = 40;
const WIDEST = 100;
const UNKNOWN = 80;

export function usableWidth(env: Environment, columns: number | undefined): number {
  const asked = Number.parseInt(env.COLUMNS ?? "", 10);
  const width = columns ?? (Number.isNaN(asked) ? UNKNOWN : asked);
  return Math.max(NARROWEST, Math.min(WIDEST, width));
}

/** The process's own streams. A reader that went away (`| head`) ends no command. */
export function processIo(): Io {
  return {
    out: streamOf(process.stdout, "standard output"),
    err: streamOf(process.stderr, "standard error"),
    cwd: process.cwd(),
  };
}

function streamOf(target: NodeJS.WriteStream, name: string): Stream {
  let open = true;
  target.on("error", (error: NodeJS.ErrnoException) => {
    open = false;
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") giveUp(name, error);
  });
  const terminal = target.isTTY === true;
  return {
    write: (text) => {
      if (open) target.write(text);
    },
    colour: coloured(process.env, terminal),
    terminal,
    width: usableWidth(process.env, terminal ? target.columns : undefined),
  };
}

/** A full disk behind `>`: what was asked for cannot be had, and nobody is left to return that to. */
function giveUp(name: string, error: Error): never {
  const { code, message } = fault("MBX8022", { path: name, reason: reasonOf(error) });
  if (name !== "standard error") process.stderr.write(`error[${code}]: ${message}\n`);
  process.exit(PROBLEMS);
}

const STYLES = { bold: "1", dim: "2", red: "1;31", yellow: "1;33", green: "32", cyan: "36" } as const;

export function styled(text: string, style: keyof typeof STYLES, colour: boolean): string {
  return colour ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
}
