/** Chains that the compiler is measured with: valid, of the length asked for, the same for a seed. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeChain } from "../../bench/compile/chain.ts";
import { growthOf, type MeasuredTask } from "../../bench/compile/compile.ts";
import { goalsOf, verdictOn } from "../../bench/compile/goals.ts";
import { readStageTimes } from "../../bench/compile/stages.ts";
import { buildTasks, checkTasks } from "../../bench/compile/tasks.ts";
import { spreadOf } from "../../bench/statistics.ts";
import { createProgram } from "../../compiler/program.ts";

const FILE = "/long/long.mbx";

function checked(text: string) {
  const host = { readFile: (path: string) => (path === FILE ? text : undefined), fileExists: () => true };
  const program = createProgram(host, [FILE]);
  return { diagnostics: program.check("build"), ir: program.ir(FILE) };
}

for (const nfs of [1, 2, 10, 100, 250, 251, 1000]) {
  test(`a chain of ${nfs} has so many network functions, and nothing is wrong with it`, () => {
    const { text, handlers } = makeChain({ nfs, seed: 1 });
    const { diagnostics, ir } = checked(text);
    assert.equal(
      diagnostics.map(({ message }) => message),
      [],
    );
    assert.is(ir?.nfs.length, nfs);
    assert.is(new Set(handlers).size, nfs);
  });
}

test("a seed gives one chain, another seed another", () => {
  const of = (seed: number) => makeChain({ nfs: 50, seed }).text;
  assert.is(of(3), of(3));
  assert.is.not(of(3), of(4));
});

test("a chain has parallel functions, publications, filters, state, and handlers in both languages", () => {
  const { text, handlers } = makeChain({ nfs: 100, seed: 1 });
  for (const piece of [/\(\w+ \| \w+\)/, /^ {2}publish /m, / where /, /^ {2}state /m, /^ {2}drops$/m])
    assert.match(text, piece);
  assert.ok(handlers.some((file) => file.endsWith(".ts")));
  assert.ok(handlers.some((file) => file.endsWith(".c")));
});

test("what grows linearly has a growth of 1, what grows with the square one of 10", () => {
  const [hundred, thousand] = growthOf([
    [1, 2],
    [10, 20],
    [1000, 2000],
  ]);
  assert.is(hundred?.median, 1);
  assert.is(thousand?.median, 10);
});

test("times of stages are read, and a stage without one is refused", () => {
  const times = { parse: 1, bind: 2, check: 3, ir: 4, plan: 5, emit: 6 };
  assert.equal(readStageTimes(JSON.stringify(times)), times);
  const { emit: _, ...without } = times;
  assert.throws(() => readStageTimes(JSON.stringify(without)));
});

const task = (name: string, ...seconds: readonly number[]): MeasuredTask => {
  const same = spreadOf(seconds);
  return {
    name,
    seconds: same,
    cpuSeconds: same,
    took: seconds.map((one) => ({ seconds: one, cpuSeconds: one })),
  };
};

test("a goal takes a start for a part of a check, or its verdict is another than the rounds'", () => {
  const check = [
    task("mbx --version", 0.1, 0.1, 0.2),
    task("mbx check, 100 NFs", 0.18, 0.19, 0.35),
    task("mbx check, 1000 NFs", 0.5, 0.55, 0.95),
  ];
  const build = [
    task("ids, nothing cached", 16, 17, 14),
    task("ids, a C handler changed", 1, 2, 2.9),
    task("ids, a TypeScript handler changed", 2, 2.5, 3.5),
  ];
  const said = goalsOf({ stages: [], check, build }).map((goal) => [goal.took.median, verdictOn(goal)]);
  assert.equal(
    said.map(([median, verdict]) => [Number(Number(median).toFixed(3)), verdict]),
    [
      [90, "met by the median only"],
      [5, "met"],
      [16, "not met"],
      [2, "met"],
      [2.5, "met by the median only"],
    ],
  );
  assert.equal(goalsOf({ stages: [], check: [], build: [] }), []);
});

test("goals are about tasks that are measured", () => {
  const copy = {
    mbx: "",
    cache: "",
    phases: "",
    chain: String,
    checked: String,
    sample: (name: string) => name,
  };
  const check = checkTasks(copy).map(({ name }) => task(name, 1));
  const build = buildTasks(copy, [10]).map(({ name }) => task(name, 1));
  for (const { says, took } of goalsOf({ stages: [], check, build }))
    assert.not.ok(Number.isNaN(took.median) && !says.includes("over"), says);
});

test.run();
