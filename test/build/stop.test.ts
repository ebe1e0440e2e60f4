// Ctrl-C during a build: nothing is left behind, and the command says how it ended.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { withLock } from "../../compiler/build/lock.ts";
import { runTool } from "../../compiler/build/process.ts";
import { Stopped, stoppable } from "../../compiler/build/stop.ts";
import { makeTempFolder } from "../support/temp.ts";

/** How `work` ended when this process got a signal soon after its begin. */
async function interrupted(signal: NodeJS.Signals, work: () => Promise<unknown>): Promise<unknown> {
  setTimeout(() => process.kill(process.pid, signal), 200);
  return stoppable(work).then(
    () => "it went on",
    (error: unknown) => error,
  );
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

test("a signal ends the tool that runs, and gives the lock back", async () => {
  const home = makeTempFolder("stop");
  const folder = join(home, "t");
  const ended = await interrupted("SIGINT", () =>
    withLock(folder, 1_000, () =>
      runTool({ command: "sh", args: ["-c", "echo $$ > pid; exec sleep 30"], cwd: home, use: "a test" }),
    ),
  );
  assert.instance(ended, Stopped);
  assert.is(ended instanceof Stopped && ended.exitCode, 130);
  assert.ok(isGone(Number(readFileSync(join(home, "pid"), "utf8"))), "the tool runs on");
  assert.not.ok(existsSync(`${folder}.lock`), "the lock is left");
});

test("a signal ends the wait for another build", async () => {
  const folder = join(makeTempFolder("stop"), "t");
  await withLock(folder, 1_000, async () => {
    const ended = await interrupted("SIGTERM", () => withLock(folder, 20_000, async () => "built"));
    assert.is(ended instanceof Stopped && ended.exitCode, 143);
  });
});

test("after a build that was stopped the next one works", async () => {
  const home = makeTempFolder("stop");
  const tool = (text: string) => runTool({ command: "sh", args: ["-c", text], cwd: home, use: "a test" });
  await interrupted("SIGINT", () => tool("exec sleep 30"));
  assert.equal(await stoppable(() => tool("echo built")), { code: 0, output: "built\n" });
});

test.run();
