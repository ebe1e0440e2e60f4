// time limit: 900 s
/**
 * Generated programs over every capture, under ASan, UBSan and LSan: no fault,
 * no leak, and every packet that came in went out or was counted as dropped.
 */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildKept } from "../support/built.ts";
import { ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";
import { buildSanitized, WITH_SANITIZED } from "../support/sanitized.ts";
import { testUnless } from "../support/skip.ts";
import { capturePath, captures, withoutCaptures } from "./shared.ts";

const test = suite("sanitized");
const programs = ["ids", "streams"];
const folder = join(ROOT, ".cache/sanitized");

async function succeed(command: readonly string[]): Promise<void> {
  const ran = await runProgram(command, { cwd: ROOT, limit: 600_000 });
  assert.is(ran.code, 0, `${command.join(" ")}\n${ran.stdout}${ran.stderr}`);
}

async function buildAll(): Promise<void> {
  const built: string[] = [];
  for (const program of programs) built.push(await buildKept(`samples/${program}/${program}.mbx`));
  const gen = built.map((program) => join(program, "gen")).join(";");
  const handlers = programs.map((program) => join(ROOT, "samples", program)).join(";");
  await buildSanitized();
  const cmake = join(folder, "cmake");
  await succeed([
    ...["cmake", "-S", "test/captures/replay", "-B", cmake, "-G", "Ninja"],
    ...[`-DMBX_GEN=${gen}`, `-DMBX_HANDLERS=${handlers}`, "-DMBX_LINKS=libhs", WITH_SANITIZED],
  ]);
  await succeed(["ninja", "-C", cmake]);
}

/** The EAL keeps memory of its own until the process ends: that is no leak of ours. */
const sanitizers = {
  ASAN_OPTIONS: "detect_leaks=1",
  LSAN_OPTIONS: `suppressions=${join(ROOT, "test/dataplane/support/leaks.txt")}:print_suppressions=0`,
};

async function replay(program: string, capture: string, burst: number): Promise<void> {
  const ran = await runProgram(
    [join(folder, "cmake", `replay_${program}`), capturePath(capture), String(burst)],
    {
      cwd: ROOT,
      env: sanitizers,
      limit: 180_000,
    },
  );
  assert.is(ran.code, 0, `${program} over ${capture}: ${ran.stdout}${ran.stderr.slice(-4000)}`);
  const counts = /^in (\d+) out (\d+) dropped (\d+)$/m.exec(ran.stdout);
  assert.ok(counts, `${program} over ${capture} printed no counts: ${ran.stdout}`);
  const [, received, sent, dropped] = (counts ?? []).map(Number);
  assert.is(received, (sent ?? 0) + (dropped ?? 0), `${program} over ${capture}: in is not out + dropped`);
}

if (withoutCaptures === undefined) test.before(buildAll);

const files = withoutCaptures === undefined ? captures() : ["(all)"];
for (const program of programs)
  for (const capture of files)
    testUnless(test, withoutCaptures, `${program} over ${capture} is clean and counts every packet`, () =>
      replay(program, capture, 32),
    );

test.run();
