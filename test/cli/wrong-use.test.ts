// Wrong use that once hung, lost a file or was called a bug of ours.
import { copyFileSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "../support/cli.ts";
import { mbxCommand, ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";

const home = makeTempFolder("wrong-use");
const CHAIN = `nf watch { subscribe FLOW_END handler "watch.c" }
stack web = monitor { match tcp.port == 80 }
chain t { stack web ports client <-> server path watch }
`;
writeFileSync(join(home, "t.mbx"), CHAIN);

for (const argv of [
  ["init", "/proc/first"],
  ["init", "/proc/a/b/first"],
  ["build", "t.mbx", "-o", "/proc/first"],
]) {
  test(`a folder that cannot be made is said, at once: mbx ${argv.join(" ")}`, async () => {
    const ran = await runProgram(mbxCommand(argv), { cwd: home, limit: 30_000 });
    assert.is(ran.code, 1, ran.stderr);
    assert.match(
      ran.stderr,
      /^error\[MBX8022\]: `\/proc\/[\w/]*first` cannot be written: no folder can be made in `\/proc`$/m,
    );
    assert.not.match(ran.stderr, "lock");
  });
}

for (const command of ["check", "build"])
  test(`a handler that is a folder, or a link to nothing, is said to be one: mbx ${command}`, async () => {
    mkdirSync(join(home, "folder.c"), { recursive: true });
    symlinkSync("nowhere.c", join(home, `${command}.c`));
    for (const name of ["folder.c", `${command}.c`]) {
      writeFileSync(join(home, "named.mbx"), CHAIN.replace("watch.c", name));
      const ran = await runCommand([command, "named.mbx"], home);
      assert.is(ran.code, 1, ran.err);
      assert.ok(
        (ran.out + ran.err).includes(`error[MBX6013]: \`${name}\` is there, and is no file that can be read`),
        ran.out + ran.err,
      );
    }
  });

test("an instruction set that the compiler does not know is wrong use, and the clone builds nothing", async () => {
  const ran = await runCommand(["build", "t.mbx", "--march", "bogus"], home);
  assert.is(ran.code, 2);
  assert.match(ran.err, /^error\[MBX8005\]: `bogus` is not a value of `--march`: gcc knows no .*\nhelp: /);
});

test("an instruction set that DPDK cannot use is wrong use", async () => {
  if (process.arch !== "x64") return;
  const ran = await runCommand(["build", "t.mbx", "--march", "x86-64"], home);
  assert.is(ran.code, 2);
  assert.match(ran.err, /^error\[MBX8005\]: `x86-64` is not a value of `--march`: .*SSE4\.2/);
});

test("an output that is the capture is refused, through links too, and the capture stays", async () => {
  const capture = join(home, "in.pcap");
  copyFileSync(join(ROOT, "samples/ids/captures/office.pcap"), capture);
  const before = readFileSync(capture);
  linkSync(capture, join(home, "hard.pcap"));
  symlinkSync("in.pcap", join(home, "soft.pcap"));
  for (const out of ["in.pcap", "./in.pcap", capture, "hard.pcap", "soft.pcap"]) {
    const ran = await runCommand(["run", "t.mbx", "--capture", "in.pcap", "--out", out], home);
    assert.is(ran.code, 2, out);
    assert.match(ran.err, /^error\[MBX8028\]: /, out);
  }
  assert.ok(readFileSync(capture).equals(before));
});

test("a flag before a command is called a flag", async () => {
  const bogus = await runCommand(["--bogus"], home);
  assert.is(bogus.code, 2);
  assert.match(bogus.err, /^error\[MBX8002\]: `mbx` has no flag `--bogus`\n/);
  const early = await runCommand(["--capture", "in.pcap", "run", "t.mbx"], home);
  assert.match(early.err, "flags of a command come after it: `mbx run … --capture`");
});

test("too few files that may be open is a sentence, without a stack", async () => {
  // How few are too few depends on Node, which needs some itself to come as far as our code.
  const said: string[] = [];
  for (let files = 19; files <= 24; files++) {
    const command = `ulimit -n ${files}; exec ${mbxCommand(["build", "t.mbx"]).join(" ")}`;
    const ran = await runProgram(["bash", "-c", command], { cwd: home });
    if (ran.code === 1) said.push(ran.stderr);
  }
  assert.ok(said.length > 0, "no limit was too low");
  for (const sentence of said)
    assert.match(sentence, /^error\[MBX8027\]: too many files are open: .*\nhelp: .*\n$/);
});

test("help says where handlers' output goes with --json, and how commands end", async () => {
  const run = await runCommand(["run", "--help"]);
  assert.match(
    run.out.replace(/\s+/g, " "),
    /what handlers print goes to stdout; with `--json` it goes to stderr/i,
  );
  const program = await runCommand(["--help"]);
  assert.match(program.out, /^ +128\+N +.*130 after Ctrl-C/m);
});

test.run();
