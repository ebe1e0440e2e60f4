/** `mbx build`: a program from a file. */
import { normalize } from "node:path";
import type { BuildResult } from "../build/steps.ts";
import { planFlagsOf } from "../plan/options.ts";
import type { ProgramPlan } from "../plan/plan.ts";
import type { Command } from "./command.ts";
import { dumpJson } from "./dump.ts";
import { FINE, failureOf, PROBLEMS } from "./exit.ts";
import type { Arguments } from "./options.ts";
import type { Io } from "./output.ts";
import { createProgress, formatSeconds } from "./progress.ts";
import { printDiagnostics } from "./report.ts";
import {
  checkMarch,
  outputFlag,
  planFlags,
  planOptionsOf,
  settingFlag,
  sourceFile,
  toolchainOf,
  toolFlags,
} from "./tools.ts";

const STAGES = ["ast", "ir", "plan"] as const;

export const buildCommand: Command = {
  spec: {
    name: "build",
    summary: "Compile a `.mbx` file to a program",
    description: [
      "Checks the file, generates C and TypeScript, compiles both with the handlers, and puts the program into `.mbx/NAME` beside the file. Where a handler file does not exist, its stub is written, complete and documented; one that exists is never touched.",
    ],
    operand: { name: "FILE", count: "one", noun: "a `.mbx` file" },
    flags: [
      outputFlag,
      settingFlag,
      ...planFlags,
      ...toolFlags,
      { name: "dump", value: "STAGE", choices: STAGES, help: "Print a stage as JSON and build nothing" },
    ],
    examples: [
      { line: "mbx build ids.mbx", says: "A program, and stubs for handlers that are missing:" },
      { line: "mbx build ids.mbx --dump=plan", says: "What the compiler decided, as data:" },
    ],
  },
  run: async (args, io) => {
    const file = sourceFile(io.cwd, args.operands[0] ?? "");
    const stage = STAGES.find((one) => one === args.text("dump"));
    if (stage !== undefined) return dump(stage, file, args, io);
    const result = await build(file, args, io);
    if (!result.ok) return failureOf(result.diagnostics);
    io.err.write(`\nrun it:\n${runLines(`mbx run ${file}${sameBuild(args)}`, result)}`);
    return FINE;
  },
};

/** Builds and prints all that there is to say about it, but not how to run it. */
export async function build(
  file: string,
  args: Arguments,
  io: Io,
  extra: { readonly onPlan?: (plan: ProgramPlan) => void; readonly quiet?: boolean } = {},
): Promise<BuildResult> {
  const { buildProgram } = await import("../build/steps.ts");
  const { shownFrom } = await import("../build/sources.ts");
  const { stoppable } = await import("../build/stop.ts");
  const tools = toolchainOf(args);
  await checkMarch(tools);
  const verbose = args.has("verbose");
  const progress = createProgress(io.err, verbose || (io.err.terminal && extra.quiet !== true));
  const folder = args.text("output");
  const result = await stoppable(() =>
    buildProgram({
      file,
      cwd: io.cwd,
      ...(folder === undefined ? {} : { folder }),
      settings: args.texts("set"),
      options: planOptionsOf(args),
      tools,
      ...(extra.onPlan === undefined ? {} : { onPlan: extra.onPlan }),
      onStep: progress.step,
      onLog: (text) => {
        if (verbose && text.trim() !== "") io.err.write(text);
      },
    }),
  );
  const seconds = progress.end();
  await printDiagnostics(result.diagnostics, "pretty", result.text, io);
  for (const stub of result.written?.stubs ?? [])
    io.err.write(`wrote ${shownFrom(io.cwd, stub)}: a stub to fill in\n`);
  if (result.ok && (result.changed || extra.quiet !== true)) {
    io.err.write(`built ${shownFrom(io.cwd, result.folder)} in ${formatSeconds(seconds)}\n`);
  }
  return result;
}

/** Flags that decide what is built: without them, `run` would build another program. */
function sameBuild(args: Arguments): string {
  const values = ["output", "set", "cc", "march"].flatMap((flag) =>
    args.texts(flag).map((value) => ` --${flag} ${quoted(value)}`),
  );
  return [...values, ...planFlagsOf(planOptionsOf(args)).map((flag) => ` ${flag}`)].join("");
}

function quoted(value: string): string {
  return /^[\w./=:,+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

function runLines(command: string, result: BuildResult): string {
  const ports = result.plan?.ports ?? [];
  const bindings = ports.map((port, index) => ` --port ${port}=net_af_packet${index},iface=DEVICE${index}`);
  const live = bindings.length === 0 ? "" : `  ${command}${bindings.join("")}\n`;
  return `  ${command} --capture IN.pcap\n${live}`;
}

async function dump(stage: (typeof STAGES)[number], file: string, args: Arguments, io: Io): Promise<number> {
  const [{ createSources }, { readProgram }, { parseSettings }] = await Promise.all([
    import("../build/sources.ts"),
    import("../build/front.ts"),
    import("../build/settings.ts"),
  ]);
  const sources = createSources(io.cwd);
  if (stage === "ast") {
    const { parseFile } = await import("../syntax/parse.ts");
    const parsed = parseFile(normalize(file), sources.text(file) ?? "");
    await printDiagnostics(parsed.diagnostics, "pretty", sources.text, io);
    const { text: _, ...tree } = parsed.file;
    io.out.write(dumpJson(tree));
    return parsed.diagnostics.some((one) => one.severity === "error") ? PROBLEMS : FINE;
  }
  const front = readProgram(file, "check", parseSettings(args.texts("set")), sources);
  await printDiagnostics(front.diagnostics, "pretty", front.text, io);
  if (front.ir === undefined) return PROBLEMS;
  if (stage === "ir") io.out.write(dumpJson(front.ir));
  else io.out.write(dumpJson((await import("../build/planned.ts")).planned(front.ir, planOptionsOf(args))));
  return FINE;
}
