// time limit: 600 s
// alone: it looks at functions on cores of their own
/** `prepares` and `links`: what a handler in C has before its first event, and libraries. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CAPTURE } from "../support/expected.ts";
import { mbx, mbxCommand, ROOT, readSummary } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";

const test = suite("prepares");
const LIMIT = 240_000;

/** Says when it starts and stops, and what each instance has counted with a library's function. */
const HANDLER = `#include <hs.h>
#include <stdio.h>
#include <stdlib.h>

#include "ends.gen.h"

struct ends_instance {
	unsigned int flows;
};

struct ends_instance *ends_on_start(char *why, size_t size)
{
	if (hs_valid_platform() != HS_SUCCESS || getenv("MBX_TEST_REFUSES") != NULL) {
		snprintf(why, size, "%s", getenv("MBX_TEST_REFUSES"));
		return NULL;
	}
	fprintf(stderr, "ends starts\\n");
	return calloc(1, sizeof(struct ends_instance));
}

void ends_on_stop(struct ends_instance *instance)
{
	fprintf(stderr, "ends stops after %u\\n", instance->flows);
	free(instance);
}

void ends_on_flow_end(struct ends_ctx *ctx, const struct flow_end *m)
{
	(void)m;
	ends_instance(ctx)->flows++;
}
`;

const folder = makeTempFolder("prepares");

/** `path` may name `ends` and `again`, another instance. */
function write(path: string, cores: number, more = ""): void {
  writeFileSync(join(folder, "ends.c"), HANDLER);
  writeFileSync(
    join(folder, "prepares.mbx"),
    `stack all = monitor { flows 1024 buffer 8MB cores ${cores} fragments 0 }
nf ends {
  subscribe FLOW_END
  prepares
  links "libhs"
  handler "ends.c"
}
nf again = ends
chain prepares { stack all ports client <-> server path ${path} ${more} }
`,
  );
}

function run(env: Record<string, string> = {}) {
  const command = mbxCommand(["run", "prepares.mbx", "--json", "--capture", join(ROOT, CAPTURE)]);
  return runProgram(command, { cwd: folder, limit: LIMIT, env });
}

/** How many flows each instance counted, in no order. */
const counted = (stderr: string): readonly number[] =>
  [...stderr.matchAll(/^ends stops after (\d+)$/gm)].map(([, flows]) => Number(flows));
const started = (stderr: string): number => [...stderr.matchAll(/^ends starts$/gm)].length;
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

test("instances of a function do not have their own each, or are not stopped once", async () => {
  write("ends -> again", 1);
  const ran = await run();
  assert.is(ran.code, 0, ran.stderr);
  const { events } = readSummary(ran);
  assert.is(started(ran.stderr), 2);
  assert.equal(counted(ran.stderr), [events.FLOW_END, events.FLOW_END]);
});

test("cores share what a function has prepared, or some have nothing", async () => {
  write("ends", 2);
  const ran = await run();
  assert.is(ran.code, 0, ran.stderr);
  const each = counted(ran.stderr);
  assert.is(started(ran.stderr), 2);
  assert.is(each.length, 2);
  assert.ok(
    each.every((flows) => flows > 0),
    `each of ${each} has flows`,
  );
  assert.is(sum(each), readSummary(ran).events.FLOW_END);
});

testUnless(
  test,
  availableParallelism() < 2 ? "there is one CPU" : undefined,
  "a function on a core of its own does not have what it has prepared",
  async () => {
    write("ends", 1, "place ends on 0");
    const ran = await run();
    assert.is(ran.code, 0, ran.stderr);
    assert.equal(counted(ran.stderr), [readSummary(ran).events.FLOW_END]);
  },
);

test("a function that cannot start is not named with its reason, or the program starts", async () => {
  write("ends", 1);
  const ran = await run({ MBX_TEST_REFUSES: "there are no patterns" });
  assert.is(ran.code, 1, ran.stderr);
  assert.match(ran.stderr, "error[MBX7311]: `ends` of chain prepares cannot start: there are no patterns\n");
  assert.is(started(ran.stderr), 0);
  assert.not.match(ran.stdout, '"packets"');
});

test("a stub of a handler that prepares does not build, or does not run", async () => {
  const stub = join(folder, "stub");
  mkdirSync(stub);
  writeFileSync(
    join(stub, "stub.mbx"),
    `stack all = monitor { flows 1024 buffer 8MB }
nf ends { subscribe FLOW_END prepares handler "ends.c" }
chain stub { stack all ports client <-> server path ends }
`,
  );
  const ran = await mbx(["run", "stub.mbx", "--json", "--capture", join(ROOT, CAPTURE)], {
    cwd: stub,
    limit: LIMIT,
  });
  assert.is(ran.code, 0, ran.stderr);
});

test("a function that stops nowhere is not told of it, at its `prepares`", async () => {
  write("ends", 1);
  writeFileSync(join(folder, "ends.c"), HANDLER.replace("void ends_on_stop", "static void ends_ends"));
  const ran = await mbx(["check", "prepares.mbx", "--format=short"], { cwd: folder, limit: LIMIT });
  assert.is(ran.code, 1, ran.stderr);
  assert.match(
    ran.stderr,
    "prepares.mbx:4:3: error[MBX6002]: `ends.c` lacks the callback `ends_on_stop` of `ends`",
  );
});

test("a library that is not installed is not named with its package", async () => {
  write("ends", 1);
  for (const verb of ["check", "build"]) {
    const ran = await runProgram(mbxCommand([verb, "prepares.mbx"]), {
      cwd: folder,
      limit: LIMIT,
      env: { PKG_CONFIG_LIBDIR: folder },
    });
    assert.is(ran.code, 1, ran.stderr);
    assert.match(ran.stderr, "error[MBX6012]: the library `libhs` that `ends` uses is not installed");
    assert.match(ran.stderr, "help: `apt-get install libhyperscan-dev`");
  }
});

test("explain-plan does not say what a function prepares and links", async () => {
  write("ends", 1);
  const ran = await mbx(["explain-plan", "prepares.mbx"], { cwd: folder, limit: LIMIT });
  assert.match(ran.stdout, /^ {2}ends +C, on the stack's core; prepares its instance; uses libhs$/m);
});

test.run();
