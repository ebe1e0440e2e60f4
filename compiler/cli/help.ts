/** `mbx --help` and `mbx COMMAND --help`, from the commands' tables. */
import type { CommandSpec, FlagSpec } from "./command.ts";
import { flagsOf } from "./options.ts";
import { type Stream, styled } from "./output.ts";

export function programHelp(commands: readonly CommandSpec[], to: Stream): string {
  const rows = commands.map((command) => [usageOf(command), command.summary] as const);
  return [
    ...wrap(
      "mbx compiles chains of network functions, written in `.mbx` files, to programs that run on DPDK.",
      to.width,
    ),
    "",
    heading("Usage", to),
    "  mbx COMMAND [FLAGS]",
    "",
    heading("Commands", to),
    ...table(rows, to.width),
    "",
    heading("Flags", to),
    ...table(
      [
        ["-h, --help", "Print this; after a command, print how it is used"],
        ["--version", "Print the version"],
      ],
      to.width,
    ),
    "",
    heading("Exit codes", to),
    ...table(
      [
        ["0", "Fine; warnings are no failure"],
        [
          "1",
          "Something is wrong with the source, the handlers or the machine, or a run did not do all of its work",
        ],
        ["2", "The command line is wrong"],
        ["70", "A bug in the compiler"],
        ["128+N", "Signal N ended it: 130 after Ctrl-C during a build, 139 after a C handler that crashed"],
      ],
      to.width,
    ),
    "",
    heading("Example", to),
    "  mbx init first",
    "  mbx run first/first.mbx --capture first/example.pcap",
    "",
  ].join("\n");
}

export function commandHelp(command: CommandSpec, to: Stream): string {
  const rows = flagsOf(command).map((flag) => [flagUsage(flag), flagText(flag)] as const);
  return [
    ...command.description.flatMap((paragraph) => [...wrap(paragraph, to.width), ""]),
    heading("Usage", to),
    `  mbx ${usageOf(command)} [FLAGS]`,
    "",
    heading("Flags", to),
    ...table(rows, to.width),
    "",
    heading(command.examples.length === 1 ? "Example" : "Examples", to),
    ...command.examples.flatMap((example, index) => [
      ...(index === 0 ? [] : [""]),
      ...wrap(example.says, to.width - 2).map((line) => `  ${line}`),
      `    ${example.line}`,
    ]),
    "",
  ].join("\n");
}

function usageOf(command: CommandSpec): string {
  const { name, count } = command.operand;
  const operand = { one: name, many: `${name}...`, optional: `[${name}]` }[count];
  return `${command.name} ${operand}`;
}

function flagUsage(flag: FlagSpec): string {
  const names = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
  return flag.value === undefined ? names : `${names} ${flag.value}`;
}

function flagText(flag: FlagSpec): string {
  const choices = flag.choices === undefined ? "" : `: ${flag.choices.join(", ")}`;
  return `${flag.help}${choices}${flag.repeats === true ? " (repeatable)" : ""}`;
}

function heading(text: string, to: Stream): string {
  return styled(`${text}:`, "bold", to.colour);
}

/** Two columns; the second wraps, or goes below where the first is too wide. */
export function table(rows: readonly (readonly [string, string])[], width: number): readonly string[] {
  const left = Math.min(Math.max(...rows.map(([name]) => name.length)), Math.floor(width / 2) - 4);
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, width - left - 4);
    const indent = " ".repeat(left + 4);
    if (name.length > left) return [`  ${name}`, ...lines.map((line) => indent + line)];
    return lines.map((line, index) => (index === 0 ? `  ${name.padEnd(left)}  ${line}` : indent + line));
  });
}

export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
