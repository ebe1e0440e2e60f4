// Runs fuzz targets for long, by hand, and shows what they print.
//
//   npm run fuzz                          each for an hour
//   npm run fuzz -- NAME... --seconds N   those whose name contains a NAME
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { buildFuzz, fuzzCommand } from "./runner/fuzz.ts";

const HOUR = 3600;

const USAGE = `npm run fuzz -- [NAME...] [--seconds N]

Lets libFuzzer run for long: each target, or those whose name contains a NAME,
an hour or N seconds. What it finds lies in .cache/test/fuzz, as does its corpus.

`;

const targets = (): readonly string[] =>
  readdirSync("test/fuzz")
    .filter((file) => file.endsWith("_fuzz.c"))
    .map((file) => file.slice(0, -2));

/** What the command line asks for; a sentence for what does not fit. */
function readArguments(argv: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: String(HOUR) },
      help: { type: "boolean", default: false },
    },
  });
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds <= 0)
    throw new Error(`--seconds is a whole number above 0, not \`${values.seconds}\``);
  const strange = positionals.find((part) => !targets().some((name) => name.includes(part)));
  if (strange !== undefined) throw new Error(`no target's name contains \`${strange}\``);
  const names = targets().filter(
    (name) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
  );
  return { names, seconds, help: values.help };
}

/** Ends with the target, also when somebody presses Ctrl-C: that is sent to both. */
function run(name: string, seconds: number): Promise<number> {
  const [program = "", ...args] = fuzzCommand(name, seconds);
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", () => resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

async function main(argv: readonly string[]): Promise<number> {
  const { names, seconds, help } = readArguments(argv);
  if (help) {
    process.stdout.write(
      `${USAGE}${targets()
        .map((name) => `  ${name}\n`)
        .join("")}`,
    );
    return 0;
  }
  const built = await buildFuzz(names);
  if (built.code !== 0) {
    process.stderr.write(built.output);
    return 1;
  }
  for (const name of names) {
    process.stdout.write(`${name}: ${seconds} s\n`);
    const code = await run(name, seconds);
    if (code !== 0) return code;
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\nusage: ${USAGE}`);
  process.exitCode = 2;
}
