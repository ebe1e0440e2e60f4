// time limit: 400 s
// What tests run that have the machine for themselves is built here, beside others: they
// run one at a time, and a compiler has work for one core.
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildFor } from "../attack/attack.ts";
import { attacks, SHORT } from "../attack/attacks.ts";
import { BUILT_AHEAD, buildKept } from "../support/built.ts";

const builtAt = (folder: string): number => statSync(join(folder, "chain.node")).mtimeMs;

for (const chain of BUILT_AHEAD)
  test(`${chain} does not build, or not once for all`, async () => {
    const first = builtAt(await buildKept(chain));
    assert.is(builtAt(await buildKept(chain)), first);
  });

const perFolder = new Map(attacks(SHORT).map((one) => [JSON.stringify([one.chain, one.settings]), one]));

for (const attack of perFolder.values())
  test(`the chain ${attack.chain} of attacks does not build, or not once for all`, async () => {
    const first = builtAt(await buildFor(attack));
    assert.is(builtAt(await buildFor(attack)), first);
  });

test.run();
