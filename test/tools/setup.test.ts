import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ROOT } from "../support/mbx.ts";
import { type Ran, runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";

/** What of the real machine the script needs besides what a test replaces. */
const REAL_TOOLS = [
  "bash",
  "dirname",
  "mkdir",
  "flock",
  "env",
  "cut",
  "sha256sum",
  "readlink",
  "head",
  "tail",
  "ln",
];

/** A machine by its programs: names with the shell script that each is. */
type Machine = Readonly<Record<string, string>>;

/** A Debian on which everything is installed. */
const COMPLETE: Machine = {
  node: "[[ $1 != --version ]] || echo v20.0.0",
  "dpkg-query": `case $* in
    *Version*) printf 22.11.5-1 ;;
    *) shift 2; for name; do case $name in -f|*Status*) ;; *) echo "installed $name" ;; esac; done ;;
    esac`,
  npm: "exit 0",
  gcc: "echo gcc",
};

/**
 * Runs setup.sh in a clone that holds nothing else, on a machine of the test's
 * making. `called`: what apt-get was last called with, where that keeps it.
 */
async function setUpOn(
  machine: Machine,
  ...args: readonly string[]
): Promise<Ran & { readonly called: string }> {
  const clone = makeTempFolder("setup");
  mkdirSync(join(clone, "tools"));
  mkdirSync(join(clone, "bin"));
  copyFileSync(join(ROOT, "tools/setup.sh"), join(clone, "tools/setup.sh"));
  writeFileSync(join(clone, "package-lock.json"), "{}");
  mkdirSync(join(clone, "node_modules"));
  writeFileSync(join(clone, "node_modules/.package-lock.json"), "{}");
  const path = join(clone, "path");
  mkdirSync(path);
  for (const tool of REAL_TOOLS) {
    symlinkSync(join("/usr/bin", tool), join(path, tool));
  }
  for (const [name, script] of Object.entries(machine)) {
    writeFileSync(join(path, name), `#!/bin/bash\n${script}\n`);
    chmodSync(join(path, name), 0o755);
  }
  const ran = await runProgram(["/bin/bash", join(clone, "tools/setup.sh"), ...args], {
    env: { PATH: path },
  });
  const called = join(path, "called");
  return { ...ran, called: existsSync(called) ? readFileSync(called, "utf8") : "" };
}

test("a machine that has everything is left alone in silence", async () => {
  const ran = await setUpOn(COMPLETE, "demo");
  assert.equal([ran.code, ran.stdout, ran.stderr], [0, "", ""]);
});

test("an old Node is named in a sentence", async () => {
  const ran = await setUpOn({ ...COMPLETE, node: "echo v18.20.4" }, "demo");
  assert.is(ran.code, 1);
  assert.match(ran.stderr, "error[MBX7901]: Node v18.20.4 is too old");
});

test("another series of DPDK is named in a sentence", async () => {
  const query = COMPLETE["dpkg-query"]?.replace("22.11.5-1", "24.11-1") ?? "";
  const ran = await setUpOn({ ...COMPLETE, "dpkg-query": query }, "demo");
  assert.is(ran.code, 1);
  assert.match(ran.stderr, "error[MBX7906]: DPDK 24.11-1 is installed");
});

test("packages that cannot be downloaded are named, with a way out", async () => {
  const offline: Machine = {
    ...COMPLETE,
    "dpkg-query": "exit 1",
    "apt-get": "echo E: no route to the mirror; exit 100",
    "apt-cache": "exit 100",
    sudo: "exit 0",
  };
  const ran = await setUpOn(offline, "demo");
  assert.is(ran.code, 1);
  assert.match(ran.stderr, /installing Debian packages, .*: gcc/);
  assert.match(ran.stderr, "error[MBX7905]");
  assert.match(ran.stderr, "E: no route to the mirror");
  assert.match(ran.stderr, "help: ");
});

test("what is missing is installed without a question, and only that", async () => {
  const query = `case $* in
    *Version*) printf 22.11.5-1 ;;
    *) shift 2; for name; do case $name in -f|*Status*|ninja-build) ;; *) echo "installed $name" ;; esac; done ;;
    esac`;
  const machine: Machine = {
    ...COMPLETE,
    "dpkg-query": query,
    "apt-get": 'echo "apt-get $DEBIAN_FRONTEND $*" >"$(dirname "$0")/called"; echo "Setting up"',
    "apt-cache": "exit 0",
    sudo: '[[ $1 == -* ]] || env "$@"',
  };
  const ran = await setUpOn(machine, "demo");
  assert.is(ran.code, 0, ran.stderr);
  assert.is(ran.stdout, "");
  assert.match(ran.called, /^apt-get noninteractive .*install -y --no-install-recommends ninja-build$/m);
  assert.not.match(ran.stderr, "Setting up");
});

test("npm's failure is named in a sentence", async () => {
  const ran = await setUpOn(
    { ...COMPLETE, node: "[[ $1 == --version ]] && echo v20.0.0", npm: "exit 1" },
    "demo",
  );
  assert.is(ran.code, 1);
  assert.match(ran.stderr, "error[MBX7907]");
});

test("mbx without its packages says what to do", async () => {
  const clone = makeTempFolder("bare");
  cpSync(join(ROOT, "bin"), join(clone, "bin"), { recursive: true });
  const ran = await runProgram([process.execPath, join(clone, "bin/mbx.mjs"), "--version"]);
  assert.is(ran.code, 1);
  assert.is(ran.stdout, "");
  assert.match(ran.stderr, "npm run setup");
});

test.run();
