/** Runs a command in this process: a test of many command lines starts none. */
import { main } from "../../compiler/cli/main.ts";
import type { Io, Stream } from "../../compiler/cli/output.ts";

export interface RanCommand {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Streams that keep what is written: no terminal, no colour. */
export function keptIo(cwd: string): { readonly io: Io; readonly ran: () => Omit<RanCommand, "code"> } {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err"): Stream => ({
    write: (text) => {
      written[name] += text;
    },
    colour: false,
    terminal: false,
    width: 80,
  });
  return { io: { out: stream("out"), err: stream("err"), cwd }, ran: () => ({ ...written }) };
}

/** In `cwd`, which commands see as their working folder. */
export async function runCommand(argv: readonly string[], cwd = process.cwd()): Promise<RanCommand> {
  const before = process.cwd();
  process.chdir(cwd);
  try {
    const { io, ran } = keptIo(cwd);
    const code = await main(argv, io);
    return { code, ...ran() };
  } finally {
    process.chdir(before);
  }
}
