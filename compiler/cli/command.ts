/** What a command is: a table that parsing, help and suggestions read, and a function. */
import type { Arguments } from "./options.ts";
import type { Io } from "./output.ts";

export interface FlagSpec {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the value, as in `--capture FILE`; absent: a switch. */
  readonly value?: string;
  /** All values there are. */
  readonly choices?: readonly string[];
  /** An integer within these bounds, both included. */
  readonly range?: readonly [number, number];
  /** May be given more than once. */
  readonly repeats?: boolean;
  readonly help: string;
}

export interface OperandSpec {
  /** Placeholder: `FILE`. */
  readonly name: string;
  readonly count: "one" | "many" | "optional";
  /** What it is, in a sentence: "`check` needs …". */
  readonly noun: string;
}

export interface Example {
  readonly line: string;
  readonly says: string;
}

export interface CommandSpec {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Paragraphs, for its own help. */
  readonly description: readonly string[];
  readonly operand: OperandSpec;
  readonly flags: readonly FlagSpec[];
  readonly examples: readonly Example[];
}

export interface Command {
  readonly spec: CommandSpec;
  /** Returns the exit code. */
  readonly run: (args: Arguments, io: Io) => Promise<number>;
}
