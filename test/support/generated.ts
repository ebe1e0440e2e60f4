// What is generated for a program, without building it, and the compilers on it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readProgram } from "../../compiler/build/front.ts";
import { buildLibrary } from "../../compiler/build/library.ts";
import { featuresInObject } from "../../compiler/build/object.ts";
import { createSources } from "../../compiler/build/sources.ts";
import { emitProgram } from "../../compiler/emit/emit.ts";
import type { EmittedFile } from "../../compiler/emit/files.ts";
import { type ProgramPlan, planProgram } from "../../compiler/plan/plan.ts";
import { buildKept } from "./built.ts";
import { CHAINS, copyOf } from "./chain.ts";
import { ROOT } from "./mbx.ts";
import { makeTempFolder } from "./temp.ts";

export const SAMPLES = ["ids", "flow-stats", "streams"];

/** Folders, each with a program of its name. */
export const samples: readonly string[] = SAMPLES.map((name) => join(ROOT, "samples", name));
export const chains: readonly string[] = readdirSync(CHAINS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(CHAINS, entry.name))
  .filter((folder) => existsSync(programIn(folder)));

function programIn(folder: string): string {
  return join(folder, `${basename(folder)}.mbx`);
}

export interface Emitted {
  readonly plan: ProgramPlan;
  /** By path below the folder of the source. */
  readonly files: ReadonlyMap<string, string>;
  readonly folder: string;
}

export function emit(file: string): Emitted {
  const folder = dirname(file);
  const { ir, diagnostics } = readProgram(file, "build", [], createSources(folder));
  assert.ok(ir, `${file}: ${JSON.stringify(diagnostics)}`);
  const plan = planProgram(ir);
  const buildFolder = join(folder, "built");
  const nameOf = ({ kind, path }: EmittedFile): string =>
    kind === "build" ? join("built", path) : relative(folder, path);
  return {
    plan,
    files: new Map(emitProgram(plan, { buildFolder }).map((one) => [nameOf(one), one.text])),
    folder,
  };
}

/** Handlers that exist stay; all else is written. */
function write({ files, folder }: Emitted): void {
  for (const [name, text] of files) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) writeFileSync(path, text);
  }
}

/** Of DPDK, and of the library that a sample's handler uses. */
function flagsOf(): readonly string[] {
  const found = spawnSync("pkg-config", ["--cflags", "libdpdk", "libhs"], { encoding: "utf8" })
    .stdout.trim()
    .split(/\s+/);
  return found.filter((flag) => !flag.startsWith("-march"));
}

const MARCH = "x86-64-v2";

export interface Compiler {
  readonly cc: "gcc" | "clang";
  readonly flags: readonly string[];
}

/** Compiles a unit of a program in that folder, with every warning an error. */
function compile({ cc, flags }: Compiler, handlers: string, unit: string): void {
  const { status, stderr } = spawnSync(
    cc,
    [
      ...[...flags, ...flagsOf(), `-march=${MARCH}`, "-std=gnu11", "-Wall", "-Wextra", "-Werror"],
      ...["-I", join(ROOT, "runtime/dataplane"), "-I", join(handlers, "built/gen"), "-I", handlers],
      join(handlers, unit),
    ],
    { encoding: "utf8", cwd: handlers },
  );
  assert.is(status, 0, `${cc} ${unit}:\n${stderr}`);
}

const unitsOf = (emitted: Emitted): readonly string[] =>
  [...emitted.files.keys()].filter((file) => /^built\/.*\.c$/.test(file));

function testStacks(plan: ProgramPlan, objectOf: (chain: string) => string): void {
  for (const chain of plan.chains) {
    const planned = chain.stack.features.map((feature) => feature.name).sort();
    assert.equal(featuresInObject(objectOf(chain.name)), planned, chain.name);
  }
}

const wrongUnit = (folder: string): string =>
  `${basename(folder)}: a compiler warns of a unit, or a stack does other work than the plan says`;

/** Tests every unit of programs with one compiler, and where it makes objects, the stacks in them. */
export function testUnits(programs: readonly string[], compilerOf: () => Promise<Compiler>): void {
  let compiler: Compiler;
  test.before(async () => {
    compiler = await compilerOf();
  });
  for (const folder of programs)
    test(wrongUnit(folder), () => {
      const emitted = emit(programIn(copyOf(folder)));
      write(emitted);
      for (const unit of unitsOf(emitted)) compile(compiler, emitted.folder, unit);
      if (compiler.flags.includes("-c"))
        testStacks(emitted.plan, (chain) => join(emitted.folder, `${chain}.o`));
    });
}

/** The same of what `mbx build` makes. */
export function testBuilt(programs: readonly string[]): void {
  for (const folder of programs)
    test(wrongUnit(folder), async () => {
      const built = await buildKept(programIn(folder));
      const said = JSON.parse(readFileSync(join(built, "compiler-output.json"), "utf8"));
      assert.equal(said, {});
      const objects = join(built, "cmake/CMakeFiles/chain.dir/gen");
      testStacks(emit(programIn(folder)).plan, (chain) => join(objects, `${chain}.c.o`));
    });
}

/** What the dataplane is compiled with, and asks of those who include it. */
function flagsOfLibrary(folder: string): readonly string[] {
  const exported = readFileSync(join(folder, "mbx.cmake"), "utf8");
  const options = /\bmbx_dataplane PROPERTIES[^)]*?INTERFACE_COMPILE_OPTIONS "([^"]*)"/.exec(exported)?.[1];
  assert.ok(options !== undefined, `${folder} does not say what it is compiled with`);
  return options.split(";");
}

/** gcc takes the headers as `mbx build` has them, precompiled, and says where it cannot. */
export async function gccAsBuilt(): Promise<Compiler> {
  const tools = { cc: "gcc", march: MARCH } as const;
  const library = await buildLibrary(tools, makeTempFolder("library"), () => undefined);
  assert.ok(library.kind === "ready", library.kind === "failed" ? library.log : "");
  const header = join(library.folder, "precompiled/precompiled.h");
  const precompiled = ["-include", header, "-Winvalid-pch", ...flagsOfLibrary(library.folder)];
  return { cc: "gcc", flags: [...precompiled, "-fPIC", "-fvisibility=hidden", "-g1", "-O2", "-c"] };
}

/** Tests what is precompiled, of which a compiler that takes it so says nothing. */
export function testPrecompiled(): void {
  test("gcc warns of a header that units begin with", () => {
    const folder = makeTempFolder("headers");
    const header = join(ROOT, "codegen-templates/cmake/library/precompiled.h");
    writeFileSync(join(folder, "headers.c"), readFileSync(header));
    compile({ cc: "gcc", flags: ["-O2", "-c"] }, folder, "headers.c");
  });
}
