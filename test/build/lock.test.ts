// Builds into one folder take turns.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Fault } from "../../compiler/build/fault.ts";
import { withLock } from "../../compiler/build/lock.ts";
import { makeTempFolder } from "../support/temp.ts";

test("two at once follow one another", async () => {
  const folder = join(makeTempFolder("lock"), "t");
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} begins`);
    await sleep(30);
    order.push(`${name} ends`);
  };
  await Promise.all([withLock(folder, 5_000, work("one")), withLock(folder, 5_000, work("two"))]);
  assert.equal(order, ["one begins", "one ends", "two begins", "two ends"]);
});

test("the lock goes also when the work fails", async () => {
  const folder = join(makeTempFolder("lock"), "t");
  const failing = withLock(folder, 100, () => Promise.reject(new Error("no")));
  await failing.then(
    () => assert.unreachable("it did not fail"),
    (error) => assert.is(error.message, "no"),
  );
  assert.not.ok(existsSync(`${folder}.lock`));
});

test("a lock whose owner died is taken over", async () => {
  const folder = join(makeTempFolder("lock"), "t");
  const dead = spawnSync("true").pid;
  mkdirSync(`${folder}.lock`);
  writeFileSync(join(`${folder}.lock`, "owner"), `${dead} 12345`);
  assert.is(await withLock(folder, 1_000, async () => "done"), "done");
});

test("a lock whose owner's number is another process by now is taken over", async () => {
  const folder = join(makeTempFolder("lock"), "t");
  mkdirSync(`${folder}.lock`);
  writeFileSync(join(`${folder}.lock`, "owner"), `${process.pid} 1`);
  assert.is(await withLock(folder, 1_000, async () => "done"), "done");
});

test("a lock without an owner is taken over when it is old", async () => {
  const folder = join(makeTempFolder("lock"), "t");
  mkdirSync(`${folder}.lock`);
  const old = new Date(Date.now() - 60_000);
  utimesSync(`${folder}.lock`, old, old);
  assert.is(await withLock(folder, 1_000, async () => "done"), "done");
});

test("an owner that does not finish is named", async () => {
  const folder = join(makeTempFolder("lock"), "t");
  await withLock(folder, 1_000, async () => {
    try {
      await withLock(folder, 60, async () => undefined);
      assert.unreachable("the lock was given twice");
    } catch (error) {
      assert.instance(error, Fault);
      assert.match(error instanceof Error ? error.message : "", `process ${process.pid}`);
    }
  });
});

test.run();
