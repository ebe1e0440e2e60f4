// npm run --silent streams -- CAPTURE [--checksum verify|trust] [--dump DIR]
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { main } from "../../compiler/cli/main.ts";

const usage = "npm run --silent streams -- CAPTURE [--checksum verify|trust] [--dump DIR]";

async function streams(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { checksum: { type: "string", default: "verify" }, dump: { type: "string" } },
  });
  const [capture] = positionals;
  if (capture === undefined || positionals.length > 1) throw new Error("streams takes one capture");
  if (values.checksum !== "verify" && values.checksum !== "trust")
    throw new Error(`--checksum is \`verify\` or \`trust\`, not \`${values.checksum}\``);
  if (values.dump !== undefined) process.env.STREAMS_DUMP = resolve(values.dump);
  const chain = fileURLToPath(new URL("streams.mbx", import.meta.url));
  return main(["run", chain, "--capture", capture, "--set", `all.checksum=${values.checksum}`]);
}

try {
  process.exitCode = await streams(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\nusage: ${usage}\n`);
  process.exitCode = 2;
}
