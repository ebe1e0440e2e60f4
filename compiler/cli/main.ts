/** `mbx`: finds the command, and turns whatever comes out of it into an exit code. */
import { Fault, fault, reasonOf } from "../build/fault.ts";
import { pathShown } from "../build/folders.ts";
import { Stopped } from "../build/stop.ts";
import { definitionOf } from "../diagnostics/registry.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { buildCommand } from "./build.command.ts";
import { checkCommand } from "./check.command.ts";
import type { Command } from "./command.ts";
import { FINE, INTERNAL, PROBLEMS, USAGE } from "./exit.ts";
import { explainCommand } from "./explain.command.ts";
import { explainPlanCommand } from "./explain-plan.command.ts";
import { commandHelp, programHelp } from "./help.ts";
import { initCommand } from "./init.command.ts";
import { flagsOf, parseCommandLine } from "./options.ts";
import { type Io, processIo, styled } from "./output.ts";
import { runCommand } from "./run.command.ts";
import { version } from "./version.ts";

export const commands: readonly Command[] = [
  checkCommand,
  buildCommand,
  runCommand,
  explainCommand,
  explainPlanCommand,
  initCommand,
];

const HELP = ["--help", "-h", "help"];

export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (error instanceof Fault) return sayFault(error, io);
    if (error instanceof Stopped) {
      io.err.write("stopped\n");
      return error.exitCode;
    }
    if (hasNoFiles(error)) return sayFault(fault("MBX8027", {}, "`ulimit -n 1024` allows more"), io);
    const refused = refusalOf(error);
    if (refused !== undefined) return sayFault(refused, io);
    return sayBug(error, argv, io);
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) {
    io.err.write(programHelp(specs(), io.err));
    return USAGE;
  }
  if (HELP.includes(name)) {
    const asked = commands.find((command) => command.spec.name === rest[0]);
    io.out.write(asked === undefined ? programHelp(specs(), io.out) : commandHelp(asked.spec, io.out));
    return FINE;
  }
  if (name === "--version" || name === "-V") {
    io.out.write(`mbx ${version()}\n`);
    return FINE;
  }
  const command = commands.find((one) => one.spec.name === name);
  if (command === undefined) throw unknownCommand(name);
  const args = parseCommandLine(command.spec, rest);
  if (args.has("help")) {
    io.out.write(commandHelp(command.spec, io.out));
    return FINE;
  }
  return command.run(args, io);
}

function specs() {
  return commands.map((command) => command.spec);
}

/** Flags before a command: there are two, and a command's own come after it. */
function unknownFlag(name: string): Fault {
  const similar = nearest(name, ["--help", "--version"]);
  const owner = commands.find(({ spec }) => flagsOf(spec).some((flag) => name === `--${flag.name}`));
  const help =
    similar !== undefined
      ? `there is a flag with a similar name: \`${similar}\``
      : owner !== undefined
        ? `flags of a command come after it: \`mbx ${owner.spec.name} … ${name}\``
        : "`mbx --help` lists its flags and commands";
  return fault("MBX8002", { flag: name, command: "mbx" }, help);
}

/** The system lets this process open no more files. (Thrown anywhere, by Node or by a package.) */
function hasNoFiles(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  return code === "EMFILE" || code === "ENFILE" || /\bE[MN]FILE\b|too many open files/.test(error.message);
}

const REFUSALS: readonly unknown[] = ["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"];

/** The system refuses a file that a build keeps: another user's, perhaps, after a build with sudo. */
function refusalOf(error: unknown): Fault | undefined {
  if (!(error instanceof Error && "code" in error && "path" in error)) return undefined;
  if (!REFUSALS.includes(error.code) || typeof error.path !== "string") return undefined;
  return fault("MBX8022", { path: pathShown(error.path), reason: reasonOf(error) });
}

function unknownCommand(name: string): Fault {
  if (name.startsWith("-")) return unknownFlag(name);
  if (name.endsWith(".mbx"))
    return fault(
      "MBX8001",
      { command: name },
      `\`mbx check ${name}\``,
      `\`mbx run ${name} --capture in.pcap\``,
    );
  const similar = nearest(
    name,
    commands.map((command) => command.spec.name),
  );
  return fault(
    "MBX8001",
    { command: name },
    similar === undefined
      ? "`mbx --help` lists the commands"
      : `there is a command with a similar name: \`${similar}\``,
  );
}

/** Faults that are not the command line's: the machine lacks something. */
const ENVIRONMENT: ReadonlySet<string> = new Set([
  "MBX8022",
  "MBX8023",
  "MBX8024",
  "MBX8025",
  "MBX8027",
  "MBX7101",
]);

function sayFault(error: Fault, io: Io): number {
  const title = styled(`error[${error.code}]`, "red", io.err.colour);
  io.err.write(`${title}: ${error.message}\n`);
  for (const line of error.help) io.err.write(`${styled("help", "cyan", io.err.colour)}: ${line}\n`);
  return ENVIRONMENT.has(error.code) ? PROBLEMS : USAGE;
}

/** Whatever is thrown and is no fault is a bug of ours, whichever the command. */
function sayBug(error: unknown, argv: readonly string[], io: Io): number {
  const reason = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
  const message = definitionOf("MBX9001").message({ where: `running \`mbx ${argv[0] ?? ""}\``, reason });
  io.err.write(`${styled("error[MBX9001]", "red", io.err.colour)}: ${message}\n`);
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  if (argv.includes("--verbose")) io.err.write(`${styled(stack, "dim", io.err.colour)}\n`);
  else
    io.err.write(
      `${styled("help", "cyan", io.err.colour)}: with \`--verbose\` the place is printed, which a report should have\n`,
    );
  return INTERNAL;
}
