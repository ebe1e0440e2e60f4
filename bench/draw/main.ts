// npm run bench:draw -- FILE [--out DIR]
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, UsageError } from "../command.ts";
import { figuresOf } from "./figures.ts";
import { readMeasurement } from "./read.ts";
import { drawFigure } from "./svg.ts";

const USAGE = `npm run bench:draw -- FILE [--out DIR]

  FILE       what \`npm run bench -- --json FILE\` wrote
  --out DIR  where figures go, this folder unless given
`;

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h", default: false }, out: { type: "string", default: "." } },
  });

function readArguments(argv: readonly string[]): ReturnType<typeof parse> {
  try {
    return parse(argv);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function draw(file: string, out: string): void {
  const { measurement, taken } = readMeasurement(readFile(file));
  const figures = figuresOf(measurement, taken);
  mkdirSync(out, { recursive: true });
  for (const figure of figures) {
    const path = join(out, `${figure.name}.svg`);
    writeFileSync(path, drawFigure(figure));
    process.stdout.write(`${path}\n`);
  }
  if (figures.length === 0) process.stderr.write("nothing was measured, so nothing is drawn\n");
}

await runCommand(USAGE, () => {
  const { values, positionals } = readArguments(process.argv.slice(2));
  const [file, ...others] = positionals;
  if (values.help) process.stdout.write(USAGE);
  else if (file === undefined || others.length > 0) throw new UsageError("one file is drawn");
  else draw(file, values.out);
});
