/** `mbx check`: what is wrong with files, without building anything. */
import { hasErrors } from "../build/errors.ts";
import { inOrder } from "../diagnostics/report.ts";
import type { Command } from "./command.ts";
import { FINE, PROBLEMS } from "./exit.ts";
import { FORMATS, formatOf, printDiagnostics } from "./report.ts";
import { sourceFile } from "./tools.ts";

export const checkCommand: Command = {
  spec: {
    name: "check",
    summary: "Check `.mbx` files and print what is wrong with them",
    description: [
      "Checks programs with all that they import: syntax, names, types, events, paths, options and handlers. Warnings alone are no failure.",
      "`pretty` and `short` are for people and go to stderr; `json` and `sarif` go to stdout.",
    ],
    operand: { name: "FILE", count: "many", noun: "`.mbx` files" },
    flags: [{ name: "format", value: "FORMAT", choices: FORMATS, help: "How diagnostics are printed" }],
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
    // Each is a program of its own; what they import in common is reported once.
    const all = inOrder(files.flatMap((file) => readProgram(file, "check", [], sources).diagnostics));
    await printDiagnostics(all, format, sources.text, io);
    if (hasErrors(all)) return PROBLEMS;
    const human = format === "pretty" || format === "short";
    if (human && all.length === 0) {
      io.err.write(`checked ${files.length} ${files.length === 1 ? "file" : "files"}: no problems\n`);
    }
    return FINE;
  },
};
