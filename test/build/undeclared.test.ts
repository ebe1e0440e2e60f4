// time limit: 240 s
/** What a network function did not declare does not exist for its handler. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { mbx } from "../support/mbx.ts";
import { makeTempFolder } from "../support/temp.ts";

const test = suite("undeclared");

const CHAIN = `stack all = monitor { flows 1024 buffer 1MB }
nf look { subscribe DATA_TCP handler "look.c" }
chain seen { stack all ports client <-> server path look }
`;

const handler = (call: string) => `#include "look.gen.h"

void look_on_data_tcp(struct look_ctx *ctx, const struct data_tcp *m)
{
	${call};
}
`;

async function build(call: string) {
  const folder = makeTempFolder("undeclared");
  writeFileSync(join(folder, "seen.mbx"), CHAIN);
  writeFileSync(join(folder, "look.c"), handler(call));
  return mbx(["build", "seen.mbx"], { cwd: folder, limit: 200_000 });
}

for (const call of [
  "look_drop_flow(ctx, m->flow)",
  "nf_drop_flow((void *)ctx, m->flow)",
  "burst_drop(0, 0, 4, 0)",
])
  test(`a handler without \`drops\` cannot call ${call}`, async () => {
    const ran = await build(call);
    assert.is(ran.code, 1, ran.stderr);
    assert.match(ran.stderr, "error[MBX6005]");
    assert.match(ran.stderr, "look.c:5:");
  });

test.run();
