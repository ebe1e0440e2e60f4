/** What is run by hand says how, and what it cannot make sense of, without the stack of a fault. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";

const LIMIT = 60_000;
const LOADER = ["--import", "./node_modules/tsx/dist/loader.mjs"];

const tools = [
  { name: "fuzz", wrong: [["--bogus"], ["nothing"], ["--seconds", "x"]] },
  { name: "attack", wrong: [["--bogus"], ["nothing"], []] },
  { name: "streams", wrong: [["--bogus"], [], ["a.pcap", "b.pcap"]] },
  { name: "bench", wrong: [["--bogus"]] },
] as const;

const entries: Readonly<Record<string, readonly string[]>> = {
  fuzz: [...LOADER, "test/fuzz.ts"],
  attack: [...LOADER, "test/attack/main.ts"],
  streams: ["samples/streams/main.mjs"],
  bench: [...LOADER, "bench/main.ts"],
};

const run = (name: string, argv: readonly string[]) =>
  runProgram([process.execPath, ...(entries[name] ?? []), ...argv], { cwd: ROOT, limit: LIMIT });

for (const { name, wrong } of tools) {
  test(`npm run ${name} -- --help does not say how`, async () => {
    const ran = await run(name, ["--help"]);
    assert.is(ran.code, 0, ran.stderr);
    assert.match(ran.stdout + ran.stderr, new RegExp(`npm run (--silent )?${name} --`));
  });

  for (const argv of wrong)
    test(`npm run ${name} -- ${argv.join(" ")} is not said to be wrong`, async () => {
      const ran = await run(name, argv);
      assert.is(ran.code, 2, ran.stderr);
      assert.match(ran.stderr, new RegExp(`npm run (--silent )?${name} --`));
      assert.not.match(ran.stderr, /^ +at /m);
    });
}

test.run();
