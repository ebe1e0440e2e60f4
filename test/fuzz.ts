// Runs fuzz targets for long, by hand, and shows what they print.
//
//   npm run fuzz                          each for an hour
//   npm run fuzz -- NAME... --seconds N   those whose name contains a NAME
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { buildFuzz, fuzzCommand } from "./runner/fuzz.ts";

const HOUR = 3600;

/** Ends with the target, also when somebody presses Ctrl-C: that is sent to both. */
function run(name: string, seconds: number): Promise<number> {
  const [program = "", ...args] = fuzzCommand(name, seconds);
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", () => resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: "string", default: String(HOUR) } },
  });
  const seconds = Number(values.seconds);
  const names = readdirSync("test/fuzz")
    .filter((file) => file.endsWith("_fuzz.c"))
    .map((file) => file.slice(0, -2))
    .filter((name) => positionals.length === 0 || positionals.some((part) => name.includes(part)));
  if (names.length === 0 || !Number.isInteger(seconds) || seconds <= 0) {
    process.stderr.write("usage: npm run fuzz -- [NAME...] [--seconds N]\n");
    return 2;
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

process.exitCode = await main();
