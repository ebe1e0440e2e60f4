/** The command line of the bench. */
import { parseArgs } from "node:util";
import { BASELINE } from "../compiler/cli/tools.ts";
import { UsageError } from "./command.ts";

export interface BenchArguments {
  readonly help: boolean;
  readonly list: boolean;
  readonly json: string | undefined;
  readonly only: readonly string[];
  readonly rounds: number;
  /** About how many a run plays: laps follow from it. */
  readonly packets: number;
  /** As `mbx build` takes it. */
  readonly march: string;
}

export const USAGE = `npm run bench -- [--only NAME]... [--json FILE] [--rounds N]
                 [--packets N] [--march NAME]
npm run bench -- --list

  --only NAME   only the row NAME, or those whose name contains it; rows without-…,
                which are built without an optimisation, only so
  --json FILE   also write the measurement as JSON
  --rounds N    interleaved rounds, 5 unless given
  --packets N   about how many packets are played in a run, 4,000,000 unless given
  --march NAME  instruction set that chains are compiled for, ${BASELINE} unless given
  --list        the rows: what each compares, over which trace
`;

function count(name: string, text: string, least: number, most: number): number {
  const value = /^[0-9_]+$/.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${name} is a number from ${least} to ${most}, not \`${text}\``);
}

export function readArguments(argv: readonly string[]): BenchArguments {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values } = parsed;
  return {
    help: values.help,
    list: values.list,
    json: values.json,
    only: values.only,
    rounds: count("--rounds", values.rounds, 1, 1000),
    packets: count("--packets", values.packets, 1, 1_000_000_000),
    march: values.march,
  };
}

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    options: {
      help: { type: "boolean", short: "h", default: false },
      list: { type: "boolean", default: false },
      json: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
      rounds: { type: "string", default: "5" },
      packets: { type: "string", default: "4000000" },
      march: { type: "string", default: BASELINE },
    },
  });
