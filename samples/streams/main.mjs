// npm run --silent streams -- CAPTURE [--checksum verify|trust] [--dump DIR]
//
// Standard output is the table of streams.ts; all else goes to standard error.
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const USAGE = "npm run --silent streams -- CAPTURE [--checksum verify|trust] [--dump DIR]";
const CHECKSUMS = ["verify", "trust"];

/** Capture and options as given, nothing where help is asked for; an Error with a sentence for what does not fit. */
function readArguments(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      checksum: { type: "string", default: "verify" },
      dump: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  if (positionals.length !== 1) throw new Error("`streams` takes one capture");
  if (!CHECKSUMS.includes(values.checksum))
    throw new Error(`--checksum is \`verify\` or \`trust\`, not \`${values.checksum}\``);
  return { capture: positionals[0], checksum: values.checksum, dump: values.dump };
}

/** Runs the chain in a process of its own. Ctrl-C reaches both; another's SIGTERM only this one. */
function runChain({ capture, checksum, dump }) {
  const mbx = fileURLToPath(new URL("../../bin/mbx.mjs", import.meta.url));
  const chain = fileURLToPath(new URL("streams.mbx", import.meta.url));
  const env = dump === undefined ? process.env : { ...process.env, STREAMS_DUMP: resolve(dump) };
  const args = [mbx, "run", chain, "--capture", capture, "--set", `all.checksum=${checksum}`];
  process.on("SIGINT", () => {});
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { stdio: "inherit", env });
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("error", fail);
    child.on("close", (code) => done(code ?? 1));
  });
}

try {
  const asked = readArguments(process.argv.slice(2));
  if (asked === undefined) process.stdout.write(`usage: ${USAGE}\n`);
  else process.exitCode = await runChain(asked);
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\nusage: ${USAGE}\n`);
  process.exitCode = 2;
}
