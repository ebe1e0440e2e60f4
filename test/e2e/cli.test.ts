// The command line as a person and a script meet it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mbx, mbxCommand, ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";

const COMMANDS = ["check", "build", "run", "explain", "explain-plan", "init"] as const;
const SAMPLE = "samples/ids/ids.mbx";
const ESCAPE = "\u001b[";

/** A file with one mistake: nothing raises what its function hears. */
function brokenFile(name: string): string {
  const file = join(makeTempFolder("cli"), name);
  writeFileSync(
    file,
    `event LOST extends FLOW_TCP { n: u32 }
stack s = monitor { match tcp.port == 80 }
nf deaf {
  subscribe LOST -> heard
  handler "deaf.ts"
}
chain c {
  stack s
  ports client <-> server
  path deaf
}
`,
  );
  writeFileSync(
    join(file, "../deaf.ts"),
    `import { deaf } from "./deaf.gen.js";\nexport default deaf({ heard() {} });\n`,
  );
  return file;
}

test("--version prints the package's version and nothing else", async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const ran = await mbx(["--version"]);
  assert.is(ran.code, 0);
  assert.match(ran.stdout, version);
  assert.is(ran.stdout.trim().split("\n").length, 1);
  assert.is(ran.stderr, "");
});

test("--help names every command", async () => {
  const ran = await mbx(["--help"]);
  assert.is(ran.code, 0);
  for (const command of COMMANDS) assert.match(ran.stdout, new RegExp(`^ +${command}\\b`, "m"));
});

for (const command of COMMANDS) {
  test(`${command} --help shows an example`, async () => {
    const ran = await mbx([command, "--help"]);
    assert.is(ran.code, 0);
    assert.match(ran.stdout, /^Examples?:/m);
    assert.match(ran.stdout, new RegExp(`^ +mbx ${command}\\b`, "m"));
    assert.is(ran.stderr, "");
  });
}

test("without a command, the usage is printed as an error", async () => {
  const ran = await mbx([]);
  assert.equal([ran.code, ran.stdout], [2, ""]);
  assert.match(ran.stderr, /usage/i);
});

test("a misspelt command is refused with the one that was meant", async () => {
  const ran = await mbx(["chek", SAMPLE]);
  assert.equal([ran.code, ran.stdout], [2, ""]);
  assert.match(ran.stderr, /^error\[MBX8\d{3}\]: .*`chek`/m);
  assert.match(ran.stderr, /help: .*check/);
});

test("a misspelt flag is refused with the one that was meant", async () => {
  const ran = await mbx(["check", "--fromat=json", SAMPLE]);
  assert.equal([ran.code, ran.stdout], [2, ""]);
  assert.match(ran.stderr, /^error\[MBX8\d{3}\]: .*--fromat/m);
  assert.match(ran.stderr, /help: .*--format/);
});

test("a flag without its value is refused", async () => {
  const ran = await mbx(["run", SAMPLE, "--capture"]);
  assert.equal([ran.code, ran.stdout], [2, ""]);
  assert.match(ran.stderr, /^error\[MBX8\d{3}\]: .*--capture/m);
});

test("a file that is not there is named, without a stack trace", async () => {
  const ran = await mbx(["check", "no-such-file.mbx"]);
  assert.ok(ran.code === 1 || ran.code === 2, `exit code ${ran.code}`);
  assert.is(ran.stdout, "");
  assert.match(ran.stderr, /^error\[MBX\d{4}\]: .*no-such-file\.mbx/m);
  assert.not.match(ran.stderr, /^ +at /m);
});

test("a file without a mistake passes", async () => {
  const ran = await mbx(["check", SAMPLE]);
  assert.is(ran.code, 0, ran.stderr);
  assert.not.match(ran.stderr, /error\[/);
});

test("a mistake is printed for people on stderr and nothing on stdout", async () => {
  const ran = await mbx(["check", brokenFile("broken.mbx")]);
  assert.equal([ran.code, ran.stdout], [1, ""]);
  assert.match(ran.stderr, /^error\[MBX3\d{3}\]: .*LOST/m);
  assert.match(ran.stderr, /--> .*broken\.mbx:4:13/);
});

test("several files are checked in one run", async () => {
  const ran = await mbx(["check", brokenFile("one.mbx"), brokenFile("two.mbx")]);
  assert.is(ran.code, 1);
  assert.match(ran.stderr, "one.mbx:4:13");
  assert.match(ran.stderr, "two.mbx:4:13");
});

test("--format=json prints diagnostics as data on stdout", async () => {
  const ran = await mbx(["check", "--format=json", brokenFile("broken.mbx")]);
  assert.is(ran.code, 1);
  assert.match(JSON.stringify(JSON.parse(ran.stdout)), /"MBX3\d{3}"/);
});

test("--format=sarif prints SARIF 2.1.0", async () => {
  const ran = await mbx(["check", "--format=sarif", brokenFile("broken.mbx")]);
  assert.is(ran.code, 1);
  const log = JSON.parse(ran.stdout);
  assert.is(log.version, "2.1.0");
  assert.match(log.runs[0].results[0].ruleId, /^MBX3\d{3}$/);
});

test("--format=short prints one line a diagnostic, as compilers do", async () => {
  const ran = await mbx(["check", "--format=short", brokenFile("broken.mbx")]);
  assert.is(ran.code, 1);
  assert.match(ran.stderr + ran.stdout, /broken\.mbx:4:13: error.*MBX3\d{3}/);
});

test("no colour where nobody looks", async () => {
  const ran = await mbx(["check", brokenFile("broken.mbx")]);
  assert.not.ok(ran.stderr.includes(ESCAPE));
});

test("FORCE_COLOR colours a pipe", async () => {
  const ran = await mbx(["check", brokenFile("broken.mbx")], { env: { FORCE_COLOR: "1" } });
  assert.ok(ran.stderr.includes(ESCAPE));
});

/** Runs mbx at a terminal of its own. */
const atTerminal = (args: readonly string[], env: Readonly<Record<string, string>>) =>
  runProgram(["script", "-qec", mbxCommand(args).join(" "), "/dev/null"], {
    cwd: ROOT,
    env: { TERM: "xterm", ...env },
  });

test("a terminal is coloured", async () => {
  const ran = await atTerminal(["check", brokenFile("broken.mbx")], {});
  assert.is(ran.code, 1);
  assert.ok(ran.stdout.includes(ESCAPE));
});

test("NO_COLOR leaves a terminal plain", async () => {
  const ran = await atTerminal(["check", brokenFile("broken.mbx")], { NO_COLOR: "1" });
  assert.is(ran.code, 1);
  assert.not.ok(ran.stdout.includes(ESCAPE));
});

test("explain prints cause, failing example and repair", async () => {
  const ran = await mbx(["explain", "MBX3001"]);
  assert.is(ran.code, 0, ran.stderr);
  const printed = ran.stdout + ran.stderr;
  assert.match(printed, "MBX3001");
  assert.match(printed, /subscribe/);
});

test("explain refuses a code that there is not", async () => {
  const ran = await mbx(["explain", "MBX0000"]);
  assert.ok(ran.code === 1 || ran.code === 2, `exit code ${ran.code}`);
  assert.match(ran.stderr, /^error\[MBX8\d{3}\]: .*MBX0000/m);
});

test("explain-plan says who asked for what", async () => {
  const ran = await mbx(["explain-plan", SAMPLE]);
  assert.is(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /dpi/);
  assert.match(ran.stdout, /DATA_TCP/);
});

test("a reader that leaves early ends nothing with a stack trace", async () => {
  const ran = await runProgram(["bash", "-c", `${mbxCommand(["--help"]).join(" ")} | head -n 1`], {
    cwd: ROOT,
  });
  assert.is(ran.code, 0);
  assert.not.match(ran.stderr, /EPIPE|^ +at /m);
});

test.run();
