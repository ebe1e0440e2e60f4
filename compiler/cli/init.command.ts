/** `mbx init`: a new chain to start from. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fault } from "../build/fault.ts";
import { writeChanged } from "../build/writer.ts";
import type { Command } from "./command.ts";
import { FINE } from "./exit.ts";
import { initFiles, takenNames } from "./init/files.ts";
import type { Io } from "./output.ts";

export const initCommand: Command = {
  spec: {
    name: "init",
    summary: "Write a small chain that works, to start from",
    description: [
      "Writes a chain with a handler in C, a handler in TypeScript and a capture to run it over. The chain is called after the folder. Nothing is overwritten.",
    ],
    operand: { name: "DIR", count: "optional", noun: "a folder" },
    flags: [],
    examples: [{ line: "mbx init first", says: "A new chain `first` in a folder of that name:" }],
  },
  run: async (args, io) => {
    const given = args.operands[0] ?? ".";
    const folder = path.resolve(io.cwd, given);
    const files = initFiles(nameOf(folder));
    const existing = files.filter((file) => existsSync(path.join(folder, file.path)));
    if (existing.length > 0) {
      throw fault(
        "MBX8021",
        { files: existing.map((file) => path.join(given, file.path)) },
        "`mbx init NAME` writes into a new folder",
      );
    }
    for (const file of files) writeChanged(path.join(folder, file.path), file.bytes);
    sayWhatNext(
      io,
      given,
      files.map((file) => file.path),
    );
    return FINE;
  },
};

function nameOf(folder: string): string {
  const name = path.basename(folder).replaceAll("-", "_");
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || takenNames.includes(name)) {
    throw fault(
      "MBX8026",
      { name },
      takenNames.includes(name)
        ? "the chain that is written uses this name itself: `mbx init first`"
        : "a name begins with a letter and has letters, digits and `_`: `mbx init first`",
    );
  }
  return name;
}

function sayWhatNext(io: Io, given: string, files: readonly string[]): void {
  const program = files[0] ?? "";
  io.err.write(`wrote ${files.length} files: ${files.join(", ")}\n\nnext:\n`);
  if (path.resolve(io.cwd, given) !== io.cwd) io.err.write(`  cd ${given}\n`);
  io.err.write(`  mbx check ${program}\n`);
  io.err.write(`  mbx run ${program} --capture example.pcap\n`);
}
