// A clone that another user built in: what is there is used, what is not goes elsewhere.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cachesFor, FINISHED, placeInCaches } from "../../compiler/build/caches.ts";
import { places } from "../../compiler/build/places.ts";
import { ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";

function cacheWith(name: string): string {
  const cache = makeTempFolder("cache");
  mkdirSync(join(cache, name));
  writeFileSync(join(cache, name, FINISHED), "");
  return cache;
}

test("a finished library is used wherever it lies", () => {
  const other = cacheWith("dataplane");
  const found = placeInCaches("dataplane", ["/proc/none", makeTempFolder("cache"), other]);
  assert.equal(found, { folder: join(other, "dataplane"), finished: true });
});

test("a library that is missing goes into the first cache that can be written", () => {
  const own = join(makeTempFolder("home"), ".cache/microboxes");
  const place = placeInCaches("dataplane", ["/proc/none", own, "/proc/other"]);
  assert.equal(place, { folder: join(own, "dataplane"), finished: false });
});

test("a build that did not finish is no library", () => {
  const cache = makeTempFolder("cache");
  mkdirSync(join(cache, "dataplane"));
  assert.is(placeInCaches("dataplane", [cache]).finished, false);
});

test("the clone comes first, then the user's cache, then the program's folder", () => {
  const caches = cachesFor("/p/.mbx/t", { XDG_CACHE_HOME: "/c" });
  assert.equal(caches, [places.cache, "/c/microboxes", "/p/.mbx/t/cache"]);
  assert.is(cachesFor("/p/.mbx/t", { XDG_CACHE_HOME: "relative" }).includes("relative/microboxes"), false);
});

const NOBODY = 65534;
const notRoot = process.getuid?.() === 0 ? undefined : "needs root, to become another user";

testUnless(
  test,
  notRoot,
  "a library that another user has finished is used, though its stamp cannot be set",
  async () => {
    const cache = cacheWith("dataplane");
    const own = makeTempFolder("own");
    chmodSync(cache, 0o755);
    chmodSync(own, 0o777);
    const code = `
    process.setgid(${NOBODY});
    process.setuid(${NOBODY});
    const show = (name) => console.log(JSON.stringify(placeInCaches(name, ${JSON.stringify([cache, own])})));
    show("dataplane");
    show("another");`;
    const script = `import { placeInCaches } from ${JSON.stringify(join(ROOT, "compiler/build/caches.ts"))};${code}`;
    const ran = await runProgram(["npx", "tsx", "--input-type=module", "--eval", script], { cwd: ROOT });
    assert.equal(
      ran.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
      [
        { folder: join(cache, "dataplane"), finished: true },
        { folder: join(own, "another"), finished: false },
      ],
      ran.stderr,
    );
  },
);

test.run();
