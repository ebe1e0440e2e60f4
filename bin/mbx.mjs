#!/usr/bin/env node
// Starts the compiler from its TypeScript sources: in a clone there is no build
// step between an edit and its effect.
import { existsSync } from "node:fs";

/** Exit code for something that the machine lacks. */
const PROBLEM = 1;
/** Exit code for a fault that is ours (sysexits.h: EX_SOFTWARE). */
const INTERNAL = 70;

async function start() {
  if (!existsSync(new URL("../node_modules/tsx/package.json", import.meta.url))) {
    process.stderr.write(
      "error[MBX7910]: the packages that mbx needs are not installed\nhelp: npm run setup\n",
    );
    return PROBLEM;
  }
  const { register } = await import("tsx/esm/api");
  register();
  const { main } = await import("../compiler/cli/main.ts");
  return main(process.argv.slice(2));
}

try {
  process.exitCode = await start();
} catch (fault) {
  process.stderr.write(
    `error[MBX9000]: a bug in the compiler, before it could start: ${fault?.stack ?? fault}\n`,
  );
  process.exitCode = INTERNAL;
}
