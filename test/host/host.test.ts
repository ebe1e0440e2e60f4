// time limit: 400 s
/**
 * The monitor sees what this machine's kernel hands to its application: fixed
 * scenarios and random ones, through one program built with ASan and UBSan.
 */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ROOT } from "../support/mbx.ts";
import { type Ran, runProgram } from "../support/program.ts";
import { buildSanitized, WITH_SANITIZED } from "../support/sanitized.ts";
import { reportSkip } from "../support/skip.ts";

const test = suite("host");
const BUILD = join(ROOT, ".cache/test/host");
const SCENARIOS = "test/host/scenarios.tsv";

/** What the program exits with where namespaces or tap devices cannot be made. */
const NOT_HERE = 77;

async function succeed(command: readonly string[]): Promise<void> {
  const ran = await runProgram(command, { cwd: ROOT, limit: 300_000 });
  assert.is(ran.code, 0, `${command.join(" ")}\n${ran.stdout}${ran.stderr}`);
}

function host(...options: readonly string[]): Promise<Ran> {
  const leaks = join(ROOT, "test/dataplane/support/leaks.txt");
  return runProgram([join(BUILD, "host"), ...options], {
    cwd: ROOT,
    env: { LSAN_OPTIONS: `suppressions=${leaks}:print_suppressions=0` },
    limit: 90_000,
  });
}

/** Its mismatches, or nothing where it cannot run. */
async function agree(name: string, ...options: readonly string[]): Promise<string | undefined> {
  const ran = await host(...options);
  if (ran.code === NOT_HERE) {
    reportSkip(name, ran.stdout.trim());
    return undefined;
  }
  assert.is(ran.code, 0, `${ran.stdout.replace(/^ok .*\n/gm, "")}${ran.stderr}`);
  return ran.stdout;
}

test.before(async () => {
  await buildSanitized();
  await succeed([
    "cmake",
    "-S",
    "test/host",
    "-B",
    BUILD,
    "-G",
    "Ninja",
    "--log-level=WARNING",
    WITH_SANITIZED,
  ]);
  await succeed(["ninja", "-C", BUILD, "-j", "2", "host"]);
});

test("the host's application and the monitor get the same in every fixed scenario", async () => {
  const said = await agree("fixed scenarios", "--named", SCENARIOS, "--small", "0");
  if (said !== undefined) assert.ok(said.split("\n").filter((line) => line.startsWith("ok ")).length > 150);
});

test("the host's application and the monitor get the same in random scenarios", async () => {
  await agree("random scenarios", "--seed", "500", "--count", "300", "--small", "2");
});

test("a scenario that cannot be read is wrong use, and says where", async () => {
  const ran = await host("--play", ": S@-1 X@0");
  if (ran.code === NOT_HERE) return reportSkip("wrong use", ran.stdout.trim());
  assert.is(ran.code, 2);
  assert.match(ran.stderr, "X@0");
});

test.run();
