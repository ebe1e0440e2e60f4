// Starting mbx: from a bundle of the sources as they are now, or from the sources.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ROOT } from "../support/mbx.ts";
import { type Ran, runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";

/** A clone with a compiler of one line. */
function cloneWith(main: string): string {
  const clone = makeTempFolder("start");
  mkdirSync(join(clone, "compiler/cli"), { recursive: true });
  cpSync(join(ROOT, "bin"), join(clone, "bin"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(clone, "package.json"));
  writeFileSync(join(clone, "package-lock.json"), "{}");
  symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
  writeFileSync(join(clone, "compiler/cli/main.ts"), main);
  return clone;
}

const start = (clone: string, ...args: readonly string[]): Promise<Ran> =>
  runProgram([process.execPath, join(clone, "bin/mbx.mjs"), ...args]);

const saying = (text: string) =>
  `export async function main(argv: readonly string[]): Promise<number> { console.log(${JSON.stringify(text)}, ...argv); return 7; }\n`;

const bundlesOf = (clone: string) => readdirSync(join(clone, ".cache/mbx"));

test("arguments go in and the exit code comes out", async () => {
  const ran = await start(cloneWith(saying("said")), "check", "a b");
  assert.equal([ran.code, ran.stdout, ran.stderr], [7, "said check a b\n", ""]);
});

test("a second start uses the bundle of the first", async () => {
  const clone = cloneWith(saying("said"));
  await start(clone);
  const bundles = bundlesOf(clone);
  assert.is((await start(clone)).stdout, "said\n");
  assert.equal(bundlesOf(clone), bundles);
});

test("an edit takes effect at the next start", async () => {
  const clone = cloneWith(saying("old"));
  await start(clone);
  writeFileSync(join(clone, "compiler/cli/main.ts"), saying("new"));
  utimesSync(join(clone, "compiler/cli/main.ts"), new Date(), new Date(Date.now() + 1000));
  assert.is((await start(clone)).stdout, "new\n");
});

test("two first starts at once both work", async () => {
  const clone = cloneWith(saying("said"));
  const rans = await Promise.all([start(clone), start(clone)]);
  assert.equal(
    rans.map(({ code, stdout }) => [code, stdout]),
    [
      [7, "said\n"],
      [7, "said\n"],
    ],
  );
  assert.is(bundlesOf(clone).length, 1);
});

test("where nothing can be written, the sources are started", async () => {
  const clone = cloneWith(saying("said"));
  writeFileSync(join(clone, ".cache"), "a file, so no folder can be made here");
  const ran = await start(clone);
  assert.equal([ran.code, ran.stdout], [7, "said\n"], ran.stderr);
});

test("a source that asks for its place gets its own", async () => {
  const clone = cloneWith(`export const main = async () => { console.log(import.meta.url); return 0; };\n`);
  assert.match((await start(clone)).stdout, /\/compiler\/cli\/main\.ts$/m);
});

test("a fault at the start is a bug of ours, and says so with its place", async () => {
  const ran = await start(cloneWith(`\n\nthrow new Error("broken");\nexport const main = 1;\n`));
  assert.equal([ran.code, ran.stdout], [70, ""]);
  assert.match(ran.stderr, /^error\[MBX9000\]: .*broken/);
  assert.match(ran.stderr, "main.ts:3");
});

/** Where the code of a command is kept. */
const codeOf = (clone: string, command: string): string =>
  join(clone, ".cache/mbx", bundlesOf(clone)[0] ?? "", `${command}.v8`);

const ending = (code: number) =>
  `export async function main(argv: readonly string[]): Promise<number> { console.log(argv[0]); return ${code}; }\n`;

test("the code of a command is not kept for its next start, or that does not take it", async () => {
  const clone = cloneWith(ending(1));
  await start(clone, "check");
  const kept = statSync(codeOf(clone, "check"));
  const ran = await start(clone, "check");
  assert.equal([ran.code, ran.stdout, ran.stderr], [1, "check\n", ""]);
  // Code that is refused would be written anew.
  const after = statSync(codeOf(clone, "check"));
  assert.equal([after.ino, after.mtimeMs], [kept.ino, kept.mtimeMs]);
});

test("code that is broken stops a start, or is not replaced", async () => {
  const clone = cloneWith(ending(0));
  await start(clone, "check");
  writeFileSync(codeOf(clone, "check"), "broken");
  const ran = await start(clone, "check");
  assert.equal([ran.code, ran.stdout, ran.stderr], [0, "check\n", ""]);
  assert.is.not(readFileSync(codeOf(clone, "check"), "latin1"), "broken");
});

test("a module that is found by its path is not imported by code that was kept", async () => {
  const text = `import { pathToFileURL } from "node:url";
export async function main(argv: readonly string[]): Promise<number> {
  const { said } = await import(pathToFileURL(argv[1] ?? "").href);
  console.log(said);
  return 0;
}
`;
  const clone = cloneWith(text);
  const path = join(clone, "program.mjs");
  writeFileSync(path, "export const said = 'imported';\n");
  for (const _ of ["first", "second"]) {
    const ran = await start(clone, "run", path);
    assert.equal([ran.code, ran.stdout, ran.stderr], [0, "imported\n", ""]);
  }
});

test("wrong use leaves code, or a word of the user names a file elsewhere", async () => {
  const wrong = cloneWith(ending(2));
  await start(wrong, "chekc");
  assert.not.ok(existsSync(codeOf(wrong, "chekc")));
  const clone = cloneWith(ending(0));
  await start(clone, "../../elsewhere");
  assert.ok(existsSync(codeOf(clone, "other")));
});

test("a fault while it runs is said with its place in the sources", async () => {
  const text =
    "\n\nexport const main = async () => {\n  console.log(new RangeError('far').stack);\n  return 0;\n};\n";
  const ran = await start(cloneWith(text), "check");
  assert.match(ran.stdout, /^RangeError: far\n {4}at .*\/compiler\/cli\/main\.ts:4:15\)?$/m);
});

test.run();
