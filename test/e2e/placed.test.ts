// time limit: 600 s
/** `place NF on CORE` gives a function in C a thread on that core. */

import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CAPTURE } from "../support/expected.ts";
import { mbx, mbxCommand, ROOT, readSummary } from "../support/mbx.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";

const test = suite("placed");
const LIMIT = 240_000;

const HANDLER = `#include "ends.gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

void ends_on_flow_end(struct ends_ctx *ctx, const struct flow_end *m)
{
	static _Thread_local int told;
	unsigned int cpu = 0;

	(void)ctx;
	(void)m;
	syscall(SYS_getcpu, &cpu, NULL, NULL);
	if (told++ == 0)
		fprintf(stderr, "ends on %u\\n", cpu);
	if (getenv("MBX_TEST_CRASH") != NULL)
		abort();
}
`;

const chain = (
  core: number,
  cores = 1,
) => `stack all = monitor { flows 1024 buffer 8MB cores ${cores} fragments 0 }
nf ends { subscribe FLOW_END drops handler "ends.c" }
chain placed { stack all ports client <-> server path ends place ends on ${core} }
`;

const folder = makeTempFolder("placed");

async function run(
  core: number,
  cores = 1,
  env: Record<string, string> = {},
  prefix: readonly string[] = [],
) {
  writeFileSync(join(folder, "placed.mbx"), chain(core, cores));
  writeFileSync(join(folder, "ends.c"), HANDLER);
  const command = mbxCommand(["run", "placed.mbx", "--json", "--verbose", "--capture", join(ROOT, CAPTURE)]);
  return runProgram([...prefix, ...command], { cwd: folder, limit: LIMIT, env });
}

testUnless(
  test,
  availableParallelism() < 2 ? "there is one CPU" : undefined,
  "a function in C is on another core than the chain gives it, or its memory is not told of",
  async () => {
    const ran = await run(0);
    assert.is(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /^ends on 0$/m);
    assert.not.match(ran.stderr, "MBX7015");
    assert.match(ran.stderr, /^ {2}rings ends /m);
    const summary = readSummary(ran);
    assert.is(summary.nfs.ends?.handled, summary.events.FLOW_END);
  },
);

test("a core that the machine does not have ends the program, or is not told of", async () => {
  const ran = await run(127);
  assert.is(ran.code, 0, ran.stderr);
  assert.match(
    ran.stderr,
    "warning[MBX7016]: `ends` is placed on core 127, which this program may not use here",
  );
  assert.match(ran.stderr, /^ends on \d+$/m);
});

test("with one CPU for both a function in C does not run, or nobody is told", async () => {
  const ran = await run(0, 1, {}, ["taskset", "-c", "0"]);
  assert.is(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, "warning[MBX7015]: 1 lcore and 1 placed function in C are on 1 CPU");
  assert.match(ran.stderr, /^ends on 0$/m);
});

test("with two instances there is one thread for a placed function, or flows are lost", async () => {
  const one = readSummary(await run(0));
  const ran = await run(0, 2);
  assert.is(ran.code, 0, ran.stderr);
  assert.equal(ran.stderr.match(/^ends on \d+$/gm)?.length, 2);
  const two = readSummary(ran);
  for (const part of ["packets", "flows", "nfs", "counters"] as const)
    assert.equal(two[part], one[part], part);
});

test("a crash of a handler on a core of its own is not told with its name", async () => {
  const ran = await run(0, 1, { MBX_TEST_CRASH: "1" });
  assert.is.not(ran.code, 0);
  assert.match(
    ran.stderr,
    "error[MBX7309]: the program crashed (SIGABRT, abort()) while chain `placed` ran: `ends` on a core of its own",
  );
});

/** Nobody waits for it, so that its events come in one batch. */
const observer = chain(0).replace("drops ", "");
const home = makeTempFolder("placed-observer");

/** It is in its first handler when this resolves. */
async function startObserver(env: Record<string, string>) {
  writeFileSync(join(home, "placed.mbx"), observer);
  writeFileSync(
    join(home, "ends.c"),
    HANDLER.replace("abort();", "for (volatile int i = 0; i < 1; i = 0)\n\t\t\t;").replace(
      /}\n$/,
      '\tif (getenv("MBX_TEST_SLOW") != NULL)\n\t\tusleep(100000);\n}\n',
    ),
  );
  const built = await mbx(["build", "placed.mbx"], { cwd: home, limit: LIMIT });
  assert.is(built.code, 0, built.stderr);
  const command = mbxCommand(["run", "placed.mbx", "--json", "--capture", join(ROOT, CAPTURE)]);
  const running = startProgram(command, { cwd: home, limit: LIMIT, env });
  await running.untilPrinted(/ends on /, 60_000);
  return running;
}

test("a handler on a core of its own that never returns is not named, or cannot be stopped", async () => {
  const running = await startObserver({ MBX_TEST_CRASH: "1" });
  running.kill("SIGINT");
  await running.untilPrinted(/Ctrl-C again stops at once/, 10_000);
  running.kill("SIGINT");
  const ran = await running.ended;
  assert.match(ran.stderr, /MBX7305\]: chain `placed` has been at one burst for 2 s.*\n +it is of `ends`;/);
  assert.match(
    ran.stderr,
    /MBX7305\]: `ends` on core 0 does not end within 1 s, .*: its handler does not return/,
  );
  assert.is(ran.code, 1, "not all was done");
  const { nfs, events } = readSummary(ran);
  assert.equal([nfs.ends?.handled, nfs.ends?.lost], [0, events.FLOW_END], "it has handled none");
});

test("stopped at once, a slow function goes on with its batch, or what it leaves is in no count", async () => {
  const running = await startObserver({ MBX_TEST_SLOW: "1" });
  running.kill("SIGINT");
  await running.untilPrinted(/again to stop at once/, 10_000);
  running.kill("SIGINT");
  const ran = await running.ended;
  assert.not.match(ran.stderr, "MBX7305");
  assert.is(ran.code, 0, ran.stderr);
  const { nfs, events } = readSummary(ran);
  assert.ok((nfs.ends?.lost ?? 0) > 0, JSON.stringify(nfs));
  assert.is((nfs.ends?.handled ?? 0) + (nfs.ends?.lost ?? 0), events.FLOW_END);
});

test("`mbx build` takes `from start` of a placed function in C", async () => {
  const source = chain(0).replace(
    "subscribe FLOW_END",
    "subscribe DATA_TCP from start 1KB -> ignore, flow_end\n",
  );
  writeFileSync(join(folder, "kept.mbx"), source);
  const ran = await mbx(["check", "kept.mbx"], { cwd: folder, limit: LIMIT });
  assert.match(ran.stderr, "MBX5900");
});

test.run();
