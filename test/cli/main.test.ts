// Commands, as a shell sees them: exit code, stdout, stderr.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { commands, main } from "../../compiler/cli/main.ts";
import { codes } from "../../compiler/diagnostics/registry.ts";
import { keptIo, runCommand } from "../support/cli.ts";
import { mbxCommand, ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";

const GOOD = `nf watch {
  subscribe FLOW_END
  handler "watch.c"
}
stack web = monitor { match tcp.port == 80 }
chain t {
  stack web
  ports client <-> server
  path watch
}
`;

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = makeTempFolder("cli");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const WATCH = `#include "watch.gen.h"
void watch_on_flow_end(struct watch_ctx *ctx, const struct flow_end *m) { }
`;

const chains = folderWith({
  "good.mbx": GOOD,
  "watch.c": WATCH,
  "bad.mbx": GOOD.replace("path watch", "path wacth"),
  "pair.mbx": GOOD.replace("path watch", "path one -> two").replace(
    /^nf watch \{([^}]*)\}/,
    "nf one {$1}\nnf two = one",
  ),
  "warned.mbx": GOOD.replace("watch.c", "none.c"),
});

test("every command has a help with an example that names it", async () => {
  for (const { spec } of commands) {
    const ran = await runCommand([spec.name, "--help"]);
    assert.equal([ran.code, ran.err], [0, ""]);
    assert.match(ran.out, /^Examples?:/m);
    for (const example of spec.examples) assert.match(example.line, `mbx ${spec.name}`);
  }
});

test("what is a usage error goes to stderr, with exit code 2", async () => {
  for (const [argv, code] of [
    [["chek"], "MBX8001"],
    [["good.mbx"], "MBX8001"],
    [["check", "--fromat", "json"], "MBX8002"],
    [["check"], "MBX8007"],
    [["check", "none.mbx"], "MBX8017"],
    [["check", "."], "MBX8018"],
    [["check", "watch.c"], "MBX8019"],
    [["build", "good.mbx", "--cc", "tcc"], "MBX8005"],
    [["build", "good.mbx", "--march", "-O3;"], "MBX8005"],
    [["run", "good.mbx"], "MBX7204"],
    [["run", "good.mbx", "--capture", "x", "--port", "a=b"], "MBX7205"],
    [["run", "good.mbx", "--port", "client"], "MBX8015"],
    [["run", "good.mbx", "--port", "client=a", "--port", "client=b"], "MBX7202"],
    [["run", "good.mbx", "--port", "client=a", "--out", "x"], "MBX8010"],
    [["run", "good.mbx", "--port", "client=a"], "MBX7201"],
    [["run", "good.mbx", "--port", "client=a", "--port", "sevrer=b"], "MBX7203"],
    [["explain", "MBX0000"], "MBX8020"],
    [["init", "123"], "MBX8026"],
    [["init", "report"], "MBX8026"],
  ] as const) {
    const ran = await runCommand(argv, chains);
    assert.equal([ran.code, ran.out], [2, ""], `mbx ${argv.join(" ")}: ${ran.err}`);
    assert.match(ran.err, new RegExp(`^error\\[${code}\\]: `), argv.join(" "));
  }
});

test("what the machine lacks is exit code 1", async () => {
  const ran = await runCommand(["run", "good.mbx", "--capture", "none.pcap"], chains);
  assert.is(ran.code, 1);
  assert.match(ran.err, /^error\[MBX7101\]: .*none\.pcap/);
});

test("a program without problems is said to be so, on stderr", async () => {
  const ran = await runCommand(["check", "good.mbx", "good.mbx"], chains);
  assert.equal(ran, { code: 0, out: "", err: "checked 2 files: no problems\n" });
});

test("errors are exit code 1, warnings alone 0", async () => {
  const bad = await runCommand(["check", "bad.mbx"], chains);
  assert.equal([bad.code, bad.out], [1, ""]);
  assert.match(bad.err, /^error\[MBX2001\]: .*\n +--> bad\.mbx:9:8/);
  const warned = await runCommand(["check", "warned.mbx"], chains);
  assert.is(warned.code, 0);
  assert.match(warned.err, /^warning\[MBX6001\]/);
});

test("json and sarif are data on stdout, also without problems", async () => {
  for (const format of ["json", "sarif"]) {
    for (const file of ["good.mbx", "bad.mbx"]) {
      const ran = await runCommand(["check", `--format=${format}`, file], chains);
      assert.is(ran.err, "");
      assert.is(ran.code, file === "bad.mbx" ? 1 : 0);
      const has = JSON.stringify(JSON.parse(ran.out)).includes("MBX2001");
      assert.is(has, file === "bad.mbx", `${format} of ${file}`);
    }
  }
});

test("short is a line a diagnostic", async () => {
  const ran = await runCommand(["check", "--format", "short", "bad.mbx"], chains);
  assert.match(ran.err, /^bad\.mbx:9:8: error\[MBX2001\]: /);
});

test("each stage can be looked at as JSON", async () => {
  for (const [stage, key] of [
    ["ast", "declarations"],
    ["ir", "chains"],
    ["plan", "stubs"],
  ] as const) {
    const ran = await runCommand(["build", "good.mbx", `--dump=${stage}`], chains);
    assert.is(ran.code, 0, ran.err);
    assert.ok(key in JSON.parse(ran.out), stage);
  }
  assert.not.ok(existsSync(join(chains, ".mbx")), "a dump builds nothing");
});

test("a setting of the command line is in the plan", async () => {
  const ran = await runCommand(["build", "good.mbx", "--dump=plan", "--set", "web.flows=4_242"], chains);
  assert.match(ran.out, '"flows": 4242');
});

test("explain knows every code", async () => {
  for (const code of codes) {
    const ran = await runCommand(["explain", code]);
    assert.is(ran.code, 0, code);
    assert.match(ran.out, new RegExp(`^(error|warning)\\[${code}\\]`));
    assert.match(ran.out, /^Repaired:/m);
  }
});

test("explain lists every code, and takes one without MBX", async () => {
  const listing = await runCommand(["explain"]);
  for (const code of codes) assert.match(listing.out, code);
  assert.equal(await runCommand(["explain", "8001"]), await runCommand(["explain", "mbx8001"]));
});

test("explain-plan says who asked for what", async () => {
  const ran = await runCommand(["explain-plan", "good.mbx"], chains);
  assert.is(ran.code, 0, ran.err);
  assert.match(ran.out, /^ +flows +.*watch: subscribe FLOW_END/m);
});

test("explain-plan does not say how many instances there are, and how flows are shared out", async () => {
  const row = async (...settings: readonly string[]): Promise<string | undefined> => {
    const sets = settings.flatMap((setting) => ["--set", `web.${setting}`]);
    const ran = await runCommand(["explain-plan", "good.mbx", ...sets], chains);
    assert.is(ran.code, 0, ran.err);
    return /^ {2}instances +(.*)$/m.exec(ran.out)?.[1];
  };
  assert.is(await row(), undefined);
  assert.is(await row("cores=4", "flows=1001"), "4, 251 flows each, shared out by addresses");
  assert.is(
    await row("cores=2", "flows=1000", "fragments=0"),
    "2, 500 flows each, shared out by addresses and ports",
  );
});

test("explain-plan does not say what stands where a chain was, or how its functions take turns", async () => {
  const ran = await runCommand(["explain-plan", "pair.mbx", "--no-consolidate", "--event-by-event"], chains);
  assert.is(ran.code, 0, ran.err);
  assert.equal(ran.out.match(/^chain \w+/gm), ["chain t__one", "chain t__two"]);
  assert.is(ran.out.match(/^ {2}hands on +all that it forwards, to the next chain$/gm)?.length, 1);
  assert.is(ran.out.match(/^ {2}runs +event by event: one packet's at a time$/gm)?.length, 2);
});

test("a chain whose functions hear each other gets a stack for each, or is refused without a reason", async () => {
  for (const command of ["build", "explain-plan"]) {
    const ran = await runCommand([command, join(ROOT, "samples/ids/ids.mbx"), "--no-consolidate"], chains);
    assert.is(ran.code, 2);
    assert.match(
      ran.err,
      /^error\[MBX8029\]: chain `ids` cannot have a stack for each function: `dpi` publishes DPI_DETECT, and `signature` hears it$/m,
    );
  }
});

test("explain-plan --object without a build says what to do", async () => {
  const ran = await runCommand(["explain-plan", "good.mbx", "--object"], chains);
  assert.is(ran.code, 1);
  assert.match(ran.err, /^error\[MBX8025\]: .*\nhelp: `mbx build good\.mbx`/);
});

test("init writes a program without problems, and never over another", async () => {
  const home = makeTempFolder("init");
  const first = await runCommand(["init", "my-chain"], home);
  assert.equal([first.code, first.out], [0, ""]);
  assert.match(first.err, "mbx run my_chain.mbx --capture example.pcap");
  const checked = await runCommand(["check", "my_chain.mbx"], join(home, "my-chain"));
  assert.is(checked.err, "checked 1 file: no problems\n");

  writeFileSync(join(home, "my-chain/detect.c"), "mine");
  const again = await runCommand(["init", "my-chain"], home);
  assert.is(again.code, 2);
  assert.match(again.err, /^error\[MBX8021\]: .*my-chain\/detect\.c/);
  assert.is(readFileSync(join(home, "my-chain/detect.c"), "utf8"), "mine");
});

test("init into a folder that has other files adds to them", async () => {
  const home = join(makeTempFolder("init"), "lab");
  mkdirSync(home);
  writeFileSync(join(home, "notes.txt"), "mine");
  assert.is((await runCommand(["init"], home)).code, 0);
  assert.ok(existsSync(join(home, "lab.mbx")));
});

test("a full disk behind stdout is a sentence and exit code 1", async () => {
  const ran = await runProgram(["bash", "-c", `${mbxCommand(["explain"]).join(" ")} > /dev/full`]);
  assert.is(ran.code, 1);
  assert.match(ran.stderr, /^error\[MBX8022\]: .*standard output.*the disk is full\n$/);
});

test("a reader of stdout that leaves early is no fault", async () => {
  const ran = await runProgram([
    "bash",
    "-c",
    `${mbxCommand(["explain"]).join(" ")} | head -n 1; echo \${PIPESTATUS[0]}`,
  ]);
  assert.match(ran.stdout, /^0$/m);
  assert.is(ran.stderr, "");
});

test("whatever a command throws is a bug of ours, with exit code 70 and no stack", async () => {
  const fails = {
    write: () => {
      throw new TypeError("broken pipe organ");
    },
    colour: false,
    terminal: false,
    width: 80,
  };
  const { io, ran } = keptIo(chains);
  const code = await main(["explain"], { ...io, out: fails });
  assert.is(code, 70);
  assert.match(
    ran().err,
    /^error\[MBX9001\]: a bug in the compiler, while running `mbx explain`: broken pipe organ/,
  );
  assert.not.match(ran().err, /^ +at /m);
});

test.run();
