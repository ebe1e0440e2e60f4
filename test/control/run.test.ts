import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  buildTestProgram,
  nfSource,
  runProgram,
  startProgram,
  summaryOf,
  type TestNf,
} from "./support/program.ts";

const COUNT = nfSource(`
    let got = 0;
    return { handle: [() => { got++; }], end: () => console.log("got", got) };`);

const only = (source: string): readonly TestNf[] => [{ name: "only", source }];

const PRINT_LINES = nfSource(`
    let n = 0;
    return { handle: [() => { console.log("line", n++); }], end: () => console.log("end") };`);

function assertLines(printed: string): void {
  const lines = printed.split("\n").filter((line) => /^(line \d+|end)$/.test(line));
  assert.is(lines.length, 20_001);
  assert.is(
    lines.findIndex((line, i) => i < 20_000 && line !== `line ${i}`),
    -1,
  );
  assert.is(lines[20_000], "end");
}

test("what handlers print comes out whole and in order on standard output", async () => {
  const ended = await runProgram("prints", only(PRINT_LINES), { events: 20_000 }, { json: false });
  assertLines(ended.stdout);
});

test("with --json standard output is one object, and handlers print on standard error", async () => {
  const ended = await runProgram("prints-json", only(PRINT_LINES), { events: 20_000 });
  assertLines(ended.stderr);
  assert.is(JSON.parse(ended.stdout).packets.in, 20_000);
});

test("process.exit in a handler ends its worker, not the chain, and loses no printed line", async () => {
  const source = nfSource(`
    let n = 0;
    return { handle: [() => { if (n++ === 100) { console.log("last words"); process.exit(3); } }] };`);
  const ended = await runProgram(
    "exits",
    [
      { name: "exits", source },
      { name: "other", source: COUNT },
    ],
    {
      events: 100_000,
      eventSlots: 64,
      spillSlots: 64,
    },
  );
  assert.is(ended.code, 1, ended.stderr);
  assert.match(ended.printed, "last words\n");
  assert.match(ended.stderr, "error[MBX7302]: the worker of `exits` has ended with exit code 3");
  assert.is(summaryOf(ended).packets.in, 100_000);
  const { handled, lost, errors } = summaryOf(ended).nfs.exits ?? {};
  assert.equal({ handled, lost, errors }, { handled: 101, lost: 99_899, errors: 1 });
});

test("handler that never returns is reported after five seconds, and a second interrupt ends it", async () => {
  const nfs = only(nfSource("return { handle: [() => { for (;;); }] };"));
  const program = startProgram(buildTestProgram("stuck", nfs), "stuck", nfs, { events: 0, eventSlots: 64 });
  await program.says("MBX7305");
  program.signal("SIGINT");
  await program.says("stopping: ");
  program.signal("SIGINT");
  const ended = await program.ended;
  assert.match(ended.stderr, "warning[MBX7305]: `only` has been in one handler for 5 s");
  assert.is(ended.code, 0, ended.stderr);
});

test("interrupted run that a handler keeps from ending says which, and the second interrupt prints the summary", async () => {
  const nfs = only(nfSource("return { handle: [() => { for (;;); }] };"));
  const program = startProgram(buildTestProgram("kept", nfs), "kept", nfs, { events: 0, eventSlots: 64 });
  await program.says("memory: ");
  await new Promise((done) => setTimeout(done, 1_500));
  program.signal("SIGINT");
  await program.says("Ctrl-C again stops at once");
  program.signal("SIGINT");
  const ended = await program.ended;
  assert.match(
    ended.stderr,
    /warning\[MBX7305\]: `only` has been in one handler for \d s\n +at EVENT; Ctrl-C/,
  );
  assert.ok(summaryOf(ended).packets.in > 0);
  assert.ok(ended.milliseconds < 9_000, "it waits for a handler that does not return");
});

test("handlers' output that cannot be written is an error, and the chain goes on", async () => {
  const folder = buildTestProgram("full", only(PRINT_LINES));
  const ended = await startProgram(
    folder,
    "full",
    only(PRINT_LINES),
    { events: 20_000 },
    { json: false },
    [],
    {
      stdout: "/dev/full",
    },
  ).ended;
  assert.is(ended.code, 1, ended.stderr);
  assert.match(ended.stderr, "error[MBX7310]: what `only` prints cannot be written: no space left on device");
  assert.match(ended.stderr, /only +20,000/);
});

test("summary that cannot be written is an error", async () => {
  const folder = buildTestProgram("full-json", only(COUNT));
  const ended = await startProgram(folder, "full-json", only(COUNT), { events: 10 }, {}, [], {
    stdout: "/dev/full",
  }).ended;
  assert.is(ended.code, 1, ended.stderr);
  assert.match(ended.stderr, "error[MBX7310]: the summary cannot be written: no space left on device");
});

test("interrupt drains: every event that was sent is handled", async () => {
  const nfs = only(COUNT);
  const program = startProgram(buildTestProgram("drains", nfs), "drains", nfs, { events: 0, paceNs: 1000 });
  setTimeout(() => program.signal("SIGTERM"), 1_000);
  const ended = await program.ended;
  assert.is(ended.code, 0, ended.stderr);
  const { packets } = summaryOf(ended);
  assert.ok(packets.in > 0);
  assert.match(ended.printed, `got ${packets.in}\n`);
});

test("dataplane that cannot open is one plain line with its code, and exit code 1", async () => {
  const ended = await runProgram("fails", only(COUNT), { fails: true });
  assert.is(ended.code, 1);
  assert.is(
    ended.stderr,
    "error[MBX7001]: there is no interface `nope`\nhelp: `ip link` lists the interfaces of this machine\n",
  );
  assert.is(ended.stdout, "");
});

test("control that fails while packets come stops the dataplane and ends, with what failed", async () => {
  const ended = await runProgram("fails-behind", only(COUNT), { events: 0, failsBehind: true });
  assert.is(ended.code, 1);
  assert.match(ended.stderr, "who shares out is not known");
});

test("handler of another declaration is refused before anything is received", async () => {
  const ended = await runProgram("mismatch", only(COUNT.replace('layout: "1"', 'layout: "2"')));
  assert.is(ended.code, 1);
  assert.match(ended.stderr, "error[MBX7303]: the handler of `only` was generated for another declaration");
  assert.match(ended.stderr, "help: build the program again: `mbx build`");
});

test("handler that throws when it is loaded is refused with its line", async () => {
  const ended = await runProgram(
    "broken",
    only('const x = 1;\nthrow new Error("at load");\nexport default x;\n'),
  );
  assert.is(ended.code, 1);
  assert.match(ended.stderr, "error[MBX7304]: the handler of `only` cannot be loaded: at load");
  assert.match(ended.stderr, "only.ts:2:7");
});

test("handler without a default export of its stub is refused", async () => {
  const ended = await runProgram("empty", only("export const nothing = 1;\n"));
  assert.is(ended.code, 1);
  assert.match(ended.stderr, "MBX7304");
});

test("shared memory is let go before the worker ends", async () => {
  const source = nfSource(`
    process.on("exit", () => console.log("at exit", host.events.u8.length, host.packets.length));
    return { handle: [() => {}], end: () => console.log("at end", host.events.u8.length > 0) };`);
  const ended = await runProgram("detach", only(source));
  assert.match(ended.printed, "at end true\nat exit 0 0\n");
});

test("interval that was never cleared does not keep the program", async () => {
  const source = nfSource("setInterval(() => {}, 10); return { handle: [() => {}] };");
  const ended = await runProgram("interval", only(source));
  assert.is(ended.code, 0);
  assert.ok(ended.milliseconds < 5_000);
});

test("reader of the output that goes away ends the program, and quietly", async () => {
  const nfs = only(nfSource("let n = 0; return { handle: [() => console.log(n++)] };"));
  const program = startProgram(buildTestProgram("pipe", nfs), "pipe", nfs, { events: 0 }, { json: false });
  await program.says("100\n");
  program.stopReading();
  const ended = await program.ended;
  assert.is(ended.code, 0, ended.stderr);
  assert.not.match(ended.stderr, "EPIPE");
});

test("wrong ports are all named, each with its code", async () => {
  const ended = await runProgram("ports", only(COUNT), {}, { ports: [{ name: "x", device: "net_null0" }] });
  assert.is(ended.code, 1);
  assert.match(ended.stderr, "error[MBX7205]: a capture and devices cannot be run at once");
});

test.run();
