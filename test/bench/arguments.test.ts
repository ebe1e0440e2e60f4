/** The command line of the bench. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readArguments } from "../../bench/arguments.ts";
import { UsageError } from "../../bench/command.ts";

test("without flags there are five rounds and no file", () => {
  const { rounds, json, only } = readArguments([]);
  assert.equal({ rounds, json, only }, { rounds: 5, json: undefined, only: [] });
});

test("--only repeats, numbers may have underscores", () => {
  const { only, packets } = readArguments(["--only", "ids", "--only", "nf", "--packets", "2_000_000"]);
  assert.equal({ only, packets }, { only: ["ids", "nf"], packets: 2_000_000 });
});

for (const wrong of [["--rounds", "0"], ["--rounds", "x"], ["--packets", "0"], ["--bogus"], ["name"]]) {
  test(`${wrong.join(" ")} is wrong use`, () => {
    assert.throws(
      () => readArguments(wrong),
      (error: unknown) => error instanceof UsageError,
    );
  });
}

test.run();
