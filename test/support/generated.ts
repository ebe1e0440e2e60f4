// What is generated for a program, without building it, and the compilers on it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
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
import { CHAINS, copyOf } from "./chain.ts";
import { ROOT } from "./mbx.ts";
import { makeTempFolder } from "./temp.ts";

export const SAMPLES = ["ids", "flow-stats", "streams"];

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
const WARNINGS = ["-Wall", "-Wextra", "-Werror"];

interface Compiler {
  readonly cc: "gcc" | "clang";
  readonly optimise: string;
  /** Before all others. */
  readonly flags: readonly string[];
}

/**
 * gcc takes the headers as `mbx build` has them, precompiled with these flags. clang
 * reads what each unit includes, and finds what one forgets.
 */
async function compilerOf(cc: Compiler["cc"], optimise: string): Promise<Compiler> {
  if (cc !== "gcc") return { cc, optimise, flags: [] };
  const library = await buildLibrary({ cc, march: MARCH }, makeTempFolder("library"), () => undefined);
  assert.is(library.kind, "ready", library.kind === "failed" ? library.log : "");
  const header = library.kind === "ready" ? join(library.folder, "precompiled/precompiled.h") : "";
  return { cc, optimise, flags: ["-include", header, "-fPIC", "-fvisibility=hidden", "-g1"] };
}

/** Compiles a unit with the flags of `mbx build`, and every warning an error. */
function compile({ cc, optimise, flags }: Compiler, emitted: Emitted, unit: string, out: string): void {
  const handlers = emitted.folder;
  const { status, stderr } = spawnSync(
    cc,
    [
      ...flags,
      ...flagsOf(),
      ...[
        `-march=${MARCH}`,
        "-std=gnu11",
        optimise,
        "-c",
        ...WARNINGS,
        "-I",
        join(ROOT, "runtime/dataplane"),
      ],
      ...["-I", join(handlers, "built/gen"), "-I", handlers, join(handlers, unit), "-o", out],
    ],
    { encoding: "utf8" },
  );
  assert.is(status, 0, `${cc} ${unit}:\n${stderr}`);
}

const programs = [
  ...SAMPLES.map((name) => join(ROOT, "samples", name)),
  ...readdirSync(CHAINS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(CHAINS, entry.name)),
].filter((folder) => existsSync(join(folder, `${basename(folder)}.mbx`)));

/** Tests every unit of every program in the tree with one compiler. */
export function testUnits(cc: Compiler["cc"], optimise: string): void {
  let compiler: Compiler;
  test.before(async () => {
    compiler = await compilerOf(cc, optimise);
  });
  for (const folder of programs) {
    const name = basename(folder);
    test(`${name}: ${cc} warns of a generated unit, or a stack does other work than the plan says`, () => {
      const emitted = emit(join(copyOf(folder), `${name}.mbx`));
      write(emitted);
      const units = [...emitted.files.keys()].filter((file) => /^built\/.*\.c$/.test(file));
      for (const unit of units) {
        const object = join(emitted.folder, `${basename(unit)}.o`);
        const chain = emitted.plan.chains.find((one) => unit === `built/gen/${one.name}.c`);
        compile(compiler, emitted, unit, object);
        if (chain === undefined) continue;
        const planned = chain.stack.features.map((feature) => feature.name).sort();
        assert.equal(featuresInObject(object), planned, chain.name);
      }
    });
  }
}
