/** `mbx explain`: what a code means, a program that gets it, and its repair. */
import { fault } from "../build/fault.ts";
import { type Code, codes, explanationOf, isCode, severityOf } from "../diagnostics/registry.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Command } from "./command.ts";
import { FINE } from "./exit.ts";
import { table, wrap } from "./help.ts";
import { type Stream, styled } from "./output.ts";

export const explainCommand: Command = {
  spec: {
    name: "explain",
    summary: "Explain a code: cause, failing example, repair",
    description: ["Prints what a diagnostic's code means. Without a code, lists all of them."],
    operand: { name: "CODE", count: "optional", noun: "a code" },
    flags: [],
    examples: [
      { line: "mbx explain MBX3001", says: "What `MBX3001` means:" },
      { line: "mbx explain", says: "All codes:" },
    ],
  },
  run: async (args, io) => {
    const given = args.operands[0];
    io.out.write(given === undefined ? listing(io.out) : explanation(codeOf(given), io.out));
    return FINE;
  },
};

/** `3001` and `mbx3001` are understood too. */
function codeOf(given: string): Code {
  const code = /^\d{4}$/.test(given) ? `MBX${given}` : given.toUpperCase();
  if (isCode(code)) return code;
  const similar = nearest(code, codes);
  throw fault(
    "MBX8020",
    { code: given },
    ...(similar === undefined ? [] : [`there is \`${similar}\``]),
    "`mbx explain` lists all codes",
  );
}

function explanation(code: Code, to: Stream): string {
  const { cause, failing, repair, files, repairFiles } = explanationOf(code);
  const severity = severityOf(code);
  const title = styled(`${severity}[${code}]`, severity === "error" ? "red" : "yellow", to.colour);
  return [
    title,
    "",
    ...wrap(cause, to.width),
    "",
    ...section(`Gets ${code}`, failing, files ?? {}, to),
    ...section("Repaired", repair, { ...files, ...repairFiles }, to),
  ].join("\n");
}

/** The program, and those of its files that are not empty. */
function section(
  title: string,
  text: string,
  files: Readonly<Record<string, string>>,
  to: Stream,
): readonly string[] {
  const shown = Object.entries(files).filter(([, content]) => content.trim() !== "");
  return [
    styled(`${title}:`, "bold", to.colour),
    "",
    ...indented(text),
    ...shown.flatMap(([name, content]) => [
      styled(`  with ${name}:`, "dim", to.colour),
      "",
      ...indented(content),
    ]),
  ];
}

function indented(text: string): readonly string[] {
  const lines = text.replace(/\n+$/, "").split("\n");
  return [...lines.map((line) => (line === "" ? "" : `    ${line}`)), ""];
}

const FAMILIES: Readonly<Record<string, string>> = {
  "1": "Syntax",
  "2": "Names, types and filters",
  "3": "Events",
  "4": "Paths",
  "5": "Options of stacks",
  "6": "Handlers",
  "7": "Start and run",
  "8": "Command line",
  "9": "Faults of the compiler",
};

function listing(to: Stream): string {
  const sections = Object.entries(FAMILIES).flatMap(([digit, title]) => {
    const rows = codes
      .filter((code) => code.startsWith(`MBX${digit}`))
      .map((code) => [code, firstSentence(explanationOf(code).cause)] as const);
    return rows.length === 0 ? [] : [styled(`${title}:`, "bold", to.colour), ...table(rows, to.width), ""];
  });
  return sections.join("\n");
}

function firstSentence(cause: string): string {
  return /^.*?[.:](?=\s|$)/.exec(cause)?.[0].replace(/:$/, ".") ?? cause;
}
