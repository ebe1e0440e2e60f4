/** Reads a command line by a command's table; whatever is wrong with it is a fault with a code. */
import { parseArgs } from "node:util";
import { fault } from "../build/fault.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { CommandSpec, FlagSpec } from "./command.ts";

export interface Arguments {
  readonly operands: readonly string[];
  /** Whether a switch was given. */
  readonly has: (flag: string) => boolean;
  readonly text: (flag: string) => string | undefined;
  readonly texts: (flag: string) => readonly string[];
  readonly number: (flag: string) => number | undefined;
}

/** Every command has these. */
export const COMMON: readonly FlagSpec[] = [
  { name: "verbose", help: "Print each step, the programs that are started, and the stack of a fault" },
  { name: "help", short: "h", help: "Print this" },
];

export function flagsOf(spec: CommandSpec): readonly FlagSpec[] {
  return [...spec.flags, ...COMMON];
}

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];
type OptionToken = Extract<Token, { kind: "option" }>;

export function parseCommandLine(spec: CommandSpec, argv: readonly string[]): Arguments {
  const flags = flagsOf(spec);
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokensOf(flags, argv)) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind === "option") {
      const flag = flagOf(spec, flags, token);
      const known = values.get(flag.name);
      if (known !== undefined && flag.value !== undefined && flag.repeats !== true) {
        throw fault("MBX8006", { flag: `--${flag.name}` });
      }
      values.set(flag.name, [...(known ?? []), flagValue(flag, token)]);
    }
  }
  if (!values.has("help")) checkOperands(spec, operands);
  return argumentsOf(operands, values);
}

function tokensOf(flags: readonly FlagSpec[], argv: readonly string[]): readonly Token[] {
  const options = Object.fromEntries(
    flags.map((flag) => [
      flag.name,
      {
        type: flag.value === undefined ? ("boolean" as const) : ("string" as const),
        multiple: true,
        ...(flag.short === undefined ? {} : { short: flag.short }),
      },
    ]),
  );
  const parsed = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  return parsed.tokens ?? [];
}

function flagOf(spec: CommandSpec, flags: readonly FlagSpec[], token: OptionToken): FlagSpec {
  const found = flags.find((flag) => flag.name === token.name);
  if (found !== undefined) return found;
  const similar = nearest(
    token.name,
    flags.map((flag) => flag.name),
  );
  throw fault(
    "MBX8002",
    { flag: token.rawName, command: `mbx ${spec.name}` },
    similar === undefined
      ? `\`mbx ${spec.name} --help\` lists its flags`
      : `there is a flag with a similar name: \`--${similar}\``,
  );
}

function flagValue(flag: FlagSpec, token: OptionToken): string {
  const name = `--${flag.name}`;
  if (flag.value === undefined) {
    if (token.value !== undefined) throw fault("MBX8004", { flag: name });
    return "";
  }
  // `--capture --json`: parseArgs would take the next flag for the value.
  const value = token.value;
  const swallowed = token.inlineValue !== true && value !== undefined && /^--?[a-z]/.test(value);
  if (value === undefined || value === "" || swallowed) {
    throw fault("MBX8003", { flag: name, value: expectedOf(flag) }, `\`${name} ${flag.value}\``);
  }
  checkValue(flag, value);
  return value;
}

function checkValue(flag: FlagSpec, value: string): void {
  const name = `--${flag.name}`;
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    const similar = nearest(value, flag.choices);
    throw fault(
      "MBX8005",
      { flag: name, value, expected: expectedOf(flag) },
      ...(similar === undefined ? [] : [`\`${name} ${similar}\``]),
    );
  }
  if (flag.range !== undefined) {
    const [least, most] = flag.range;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most)) {
      throw fault("MBX8005", { flag: name, value, expected: expectedOf(flag) });
    }
  }
}

function expectedOf(flag: FlagSpec): string {
  if (flag.choices !== undefined) return `it is one of ${flag.choices.join(", ")}`;
  if (flag.range !== undefined) return `it is a whole number from ${flag.range[0]} to ${flag.range[1]}`;
  return flag.value ?? "";
}

function checkOperands(spec: CommandSpec, operands: readonly string[]): void {
  const { operand } = spec;
  if (operands.length === 0 && operand.count !== "optional") {
    throw fault(
      "MBX8007",
      { command: `mbx ${spec.name}`, operand: operand.noun },
      ...spec.examples.slice(0, 1).map((example) => `\`${example.line}\``),
    );
  }
  const extra = operands[1];
  if (extra !== undefined && operand.count !== "many") {
    throw fault("MBX8008", {
      argument: extra,
      command: `mbx ${spec.name}`,
      takes: `one ${operand.name}`,
    });
  }
}

function argumentsOf(operands: readonly string[], values: ReadonlyMap<string, readonly string[]>): Arguments {
  const text = (flag: string) => values.get(flag)?.at(-1);
  return {
    operands,
    has: (flag) => values.has(flag),
    text,
    texts: (flag) => values.get(flag) ?? [],
    number: (flag) => {
      const value = text(flag);
      return value === undefined ? undefined : Number(value);
    },
  };
}
