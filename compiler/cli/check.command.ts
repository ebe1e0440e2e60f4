/** `mbx check`: what is wrong with files, without building anything. */

import type { HandlerCheck } from "../build/check-handlers.ts";
import { hasErrors } from "../build/errors.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { inOrder } from "../diagnostics/report.ts";
import type { Command } from "./command.ts";
import { FINE, failureOf } from "./exit.ts";
import type { Io } from "./output.ts";
import { FORMATS, formatOf, printDiagnostics } from "./report.ts";
import { checkMarch, sourceFile, toolchainOf, toolFlags } from "./tools.ts";

export const checkCommand: Command = {
  spec: {
    name: "check",
    summary: "Check `.mbx` files and print what is wrong with them",
    description: [
      "Checks programs with all that they import: syntax, names, types, events, paths and options. Warnings alone are no failure.",
      "Where a program has no errors, its handlers are checked against what would be generated for them: TypeScript for its types, C by compiling it, both for callbacks that are missing or mistyped. A handler that does not exist yet is a warning. Nothing is written; `--no-handlers` leaves handlers out, which is faster.",
      "`pretty` and `short` are for people and go to stderr; `json` and `sarif` go to stdout.",
    ],
    operand: { name: "FILE", count: "many", noun: "`.mbx` files" },
    flags: [
      { name: "format", value: "FORMAT", choices: FORMATS, help: "How diagnostics are printed" },
      { name: "no-handlers", help: "Look at `.mbx` files only" },
      ...toolFlags,
    ],
    examples: [
      { line: "mbx check ids.mbx", says: "One program:" },
      { line: "mbx check --format=sarif samples/*/*.mbx > mbx.sarif", says: "Many, for a code host:" },
    ],
  },
  run: async (args, io) => {
    const format = formatOf(args.text("format"));
    const files = args.operands.map((given) => sourceFile(io.cwd, given));
    const [{ readProgram }, { createSources }] = await Promise.all([
      import("../build/front.ts"),
      import("../build/sources.ts"),
    ]);
    const sources = createSources(io.cwd);
    const tools = toolchainOf(args);
    const found: Diagnostic[] = [];
    for (const file of files) {
      const front = readProgram(file, "check", [], sources);
      found.push(...front.diagnostics);
      const unbuilt = front.diagnostics.some((one) => one.code === "MBX5900");
      if (front.ir === undefined || unbuilt || args.has("no-handlers")) continue;
      found.push(...(await checkHandlersOf({ file, ir: front.ir, sources, tools }, io)));
    }
    // Each is a program of its own; what they import in common is reported once.
    const all = inOrder(found);
    await printDiagnostics(all, format, sources.text, io);
    if (hasErrors(all)) return failureOf(all);
    const human = format === "pretty" || format === "short";
    if (human && all.length === 0) {
      io.err.write(`checked ${files.length} ${files.length === 1 ? "file" : "files"}: no problems\n`);
    }
    return FINE;
  },
};

/** The compilers are loaded where there is something for them. */
async function checkHandlersOf(check: HandlerCheck, io: Io): Promise<readonly Diagnostic[]> {
  const hasHandler = check.ir.nfs.some((nf) => nf.handler.language !== "run");
  if (!hasHandler) return [];
  await checkMarch(check.tools);
  const [{ checkProgramHandlers }, { stoppable }] = await Promise.all([
    import("../build/check-handlers.ts"),
    import("../build/stop.ts"),
  ]);
  const { diagnostics, missing } = await stoppable(() => checkProgramHandlers(check));
  if (missing !== undefined) io.err.write(`handlers in C are not checked: ${missing.message}\n`);
  return diagnostics;
}
