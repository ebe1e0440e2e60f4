/** CONTRIBUTING.md names files that exist. */
import { existsSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ROOT, readPage } from "./support.ts";

const named = [...readPage("CONTRIBUTING.md").matchAll(/^\| `([^`]+)` \|/gm)].map(([, path = ""]) => path);

test("every file that CONTRIBUTING.md says to touch exists", () => {
  assert.ok(named.length > 20);
  assert.equal(
    named.filter((path) => !existsSync(new URL(path, ROOT))),
    [],
  );
});

test.run();
