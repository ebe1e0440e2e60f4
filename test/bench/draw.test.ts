/** Figures show what was measured, and nothing else. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { figuresOf } from "../../bench/draw/figures.ts";
import { NotMeasured, readMeasurement } from "../../bench/draw/read.ts";
import { drawFigure, valueText } from "../../bench/draw/svg.ts";
import { ROOT } from "../support/mbx.ts";
import { runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";

const spread = (median: number) => ({ median, min: median * 0.9, max: median * 1.1 });

const subject = (name: string, trace: string, rate: number) => ({
  name,
  program: `${name}.mbx`,
  trace,
  packets: 100,
  inMemory: true,
  laps: 3,
  flows: 30,
  hugepages: true,
  runs: [{ packets: 300, seconds: 300 / rate }],
  packetsPerSecond: spread(rate),
});

const comparison = (name: string, trace: string, ratio: number, holds: boolean) => ({
  name,
  trace,
  subject: name,
  baseline: "bare",
  compares: "packets",
  claim: 0.1,
  rounds: [ratio],
  ratio: spread(ratio),
  holds,
  elapsedSeconds: 1,
});

/** Made up. */
const MEASURED = {
  machine: { cpu: "A <CPU> & more", cpus: 2 },
  rounds: 5,
  march: "x86-64-v2",
  subjects: [
    subject("bare", "small frames", 40e6),
    subject("one", "small frames", 20e6),
    subject("bare", "large frames", 10e6),
  ],
  comparisons: [
    comparison("one", "small frames", 0.5, true),
    comparison("wild", "small frames", 0.25, false),
    comparison("better", "large frames", 1.25, true),
  ],
};

function figures(measured: unknown) {
  const { measurement, taken } = readMeasurement(JSON.stringify(measured));
  return figuresOf(measurement, taken);
}

function drawn(name: string): string {
  const figure = figures(MEASURED).find((one) => one.name === name);
  if (figure === undefined) throw new Error(`there is no figure ${name}`);
  return drawFigure(figure);
}

const attributes = (svg: string, element: RegExp, name: string): readonly number[] =>
  [...svg.matchAll(element)].map(([tag]) => Number(new RegExp(` ${name}="([^"]+)"`).exec(tag)?.[1]));

/** Whether every element is closed in turn, and no text has what only markup may. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, close, name = "", , self] of svg.matchAll(
    /<(\/?)([a-z]+)((?: [a-zA-Z0-9-]+="[^"<&]*")*)(\/?)>/g,
  )) {
    if (self === "/") continue;
    if (close === "") open.push(name);
    else if (open.pop() !== name) return false;
  }
  const words = svg.replace(/<\/?[a-z]+(?: [a-zA-Z0-9-]+="[^"<&]*")*\/?>/g, "");
  return open.length === 0 && !/[<>]|&(?!amp;|lt;|gt;|quot;)/.test(words);
}

test("bars are as long as medians are large, on one scale for all groups", () => {
  const [most, half, quarter] = attributes(drawn("bench-rates"), /<rect [^>]*>/g, "width");
  assert.ok(Math.abs((most ?? 0) / (half ?? 1) - 2) < 0.01);
  assert.ok(Math.abs((most ?? 0) / (quarter ?? 1) - 4) < 0.01);
});

test("a range goes from the least to the most, and its bar ends between", () => {
  const svg = drawn("bench-rates");
  const [left = 0] = attributes(svg, /<rect [^>]*>/g, "x");
  const [width = 0] = attributes(svg, /<rect [^>]*>/g, "width");
  const [from = 0] = attributes(svg, /<line class="range"[^>]*>/g, "x1");
  const [to = 0] = attributes(svg, /<line class="range"[^>]*>/g, "x2");
  assert.ok(Math.abs((from - left) / width - 0.9) < 0.01);
  assert.ok(Math.abs((to - left) / width - 1.1) < 0.01);
});

test("bars stand under the trace that they are of, with their values", () => {
  const words = [...drawn("bench-rates").matchAll(/<text[^>]*>([^<]*)</g)].map(([, word]) => word);
  assert.equal(words.slice(0, 9), [
    "Million packets a second",
    "small frames",
    "bare",
    "40.0",
    "one",
    "20.0",
    "large frames",
    "bare",
    "10.0",
  ]);
});

test("a label that its column has no room for stands above its bar, from the left edge on", () => {
  const name = "a function on another core, event by event";
  const measured = { ...MEASURED, comparisons: [comparison(name, "small frames", 0.5, true)] };
  const figure = figures(measured).find((one) => one.name === "bench-ratios");
  assert.ok(figure);
  const svg = drawFigure(figure);
  const [, x, y] = new RegExp(`<text x="([^"]+)" y="([^"]+)">${name}`).exec(svg) ?? [];
  const [bar = 0] = attributes(svg, /<rect [^>]*>/g, "y");
  assert.is(Number(x), 16);
  assert.ok(Number(y) < bar, `the label ends at ${y}, the bar begins at ${bar}`);
});

test("a ratio that may not be printed is not drawn, and that is said", () => {
  const svg = drawn("bench-ratios");
  assert.is(attributes(svg, /<rect [^>]*>/g, "width").length, 2);
  assert.not.match(svg, "0.25");
  assert.match(svg, "no ratio, because rounds differ too much: wild");
});

test("a line through all groups of ratios shows where both are the same", () => {
  const svg = drawn("bench-ratios");
  const [left = 0, better = 0] = [
    attributes(svg, /<rect [^>]*>/g, "x")[1],
    attributes(svg, /<rect [^>]*>/g, "width")[1],
  ];
  const lines = attributes(svg, /<line class="line"[^>]*>/g, "x1");
  assert.is(lines.length, 2);
  for (const at of lines) assert.ok(Math.abs(at - (left + better / 1.25)) < 0.2);
});

test("figures are well-formed, whatever the names are", () => {
  for (const name of ["bench-rates", "bench-ratios"]) assert.ok(isWellFormed(drawn(name)), name);
  assert.match(drawn("bench-rates"), "A &lt;CPU&gt; &amp; more");
});

test("figures have colours of their own for dark pages, and no background", () => {
  assert.match(drawn("bench-rates"), "@media (prefers-color-scheme: dark)");
  assert.not.match(drawn("bench-rates"), /background/);
});

test("what was not measured is not drawn", () => {
  assert.equal(figures({ ...MEASURED, subjects: [], comparisons: [] }), []);
  const refused = { ...MEASURED, comparisons: [comparison("wild", "small frames", 0.25, false)] };
  assert.equal(
    figures(refused).map(({ name }) => name),
    ["bench-rates"],
  );
});

test("values have three digits that mean something", () => {
  assert.equal([0.123, 1.234, 12.34, 123.4].map(valueText), ["0.12", "1.23", "12.3", "123"]);
});

test("a file that is no measurement is refused with the place of its fault", () => {
  const wrong = (change: object, message: string) =>
    assert.throws(
      () => figures({ ...MEASURED, ...change }),
      (error: unknown) => error instanceof NotMeasured && error.message === message,
    );
  wrong({ march: 2 }, "the file.march is not a text");
  wrong({ subjects: undefined }, "the file.subjects is not a list");
  wrong({ subjects: [{ name: "a" }] }, "the file.subjects[0].program is not a text");
  wrong({ comparisons: [7] }, "the file.comparisons[0] is not an object");
  assert.throws(
    () => readMeasurement("{"),
    (error: unknown) => error instanceof NotMeasured,
  );
});

const draw = (args: readonly string[]) =>
  runProgram(["bash", "tools/bench-draw.sh", ...args], { cwd: ROOT, env: { INIT_CWD: undefined } });

test("the command writes a file for each figure and prints its path", async () => {
  const folder = makeTempFolder("draw");
  const file = join(folder, "measured.json");
  writeFileSync(file, JSON.stringify(MEASURED));
  const { code, stdout } = await draw([file, "--out", join(folder, "figures")]);
  const paths = ["bench-rates.svg", "bench-ratios.svg"].map((name) => join(folder, "figures", name));
  assert.is(code, 0);
  assert.equal(stdout.trim().split("\n"), paths);
  assert.is(readFileSync(paths[0] ?? "", "utf8"), drawn("bench-rates"));
});

test("the command says what is wrong with its use or its file", async () => {
  const folder = makeTempFolder("draw");
  const file = join(folder, "empty.json");
  writeFileSync(file, "{}");
  assert.is((await draw([])).code, 2);
  assert.is((await draw([join(folder, "missing.json")])).code, 2);
  const { code, stderr } = await draw([file, "--out", folder]);
  assert.is(code, 1);
  assert.match(stderr, "error: the file.subjects is not a list");
  assert.not(existsSync(join(folder, "bench-rates.svg")));
});

test.run();
