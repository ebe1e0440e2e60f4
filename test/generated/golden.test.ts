// time limit: 300 s
// What is generated for the samples: the same text as blessed (MBX_BLESS=1),
// which compiles without a warning, and does only what the plan says.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readProgram } from "../../compiler/build/front.ts";
import { featuresInObject } from "../../compiler/build/object.ts";
import { createSources } from "../../compiler/build/sources.ts";
import { emitProgram } from "../../compiler/emit/emit.ts";
import type { EmittedFile } from "../../compiler/emit/files.ts";
import { type ProgramPlan, planProgram } from "../../compiler/plan/plan.ts";
import { CHAINS } from "../support/chain.ts";
import { ROOT } from "../support/mbx.ts";
import { makeTempFolder } from "../support/temp.ts";

const SAMPLES = ["ids", "flow-stats", "streams"];
const BLESSED = join(ROOT, "test/golden");
const bless = process.env.MBX_BLESS === "1";

interface Emitted {
  readonly plan: ProgramPlan;
  /** By path below the folder of the source. */
  readonly files: ReadonlyMap<string, string>;
  readonly folder: string;
}

function emit(file: string): Emitted {
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

/** A copy of a program's folder, with what handlers of test/chains include beside it. */
function copyOf(source: string, place = makeTempFolder("golden")): string {
  const folder = join(place, basename(source));
  const made = /\/\.mbx$|\/captures$|\.gen\.\w+$/;
  cpSync(source, folder, { recursive: true, filter: (path) => !made.test(path) });
  for (const shared of ["log.h", "log.ts"]) cpSync(join(CHAINS, shared), join(place, shared));
  return folder;
}

const generatedOf = (emitted: Emitted): ReadonlyMap<string, string> =>
  new Map([...emitted.files].filter(([name]) => /^built\/|\.gen\./.test(name)));

for (const sample of SAMPLES)
  test(`generated code of ${sample} differs from what was blessed`, () => {
    const generated = generatedOf(emit(join(copyOf(join(ROOT, "samples", sample)), `${sample}.mbx`)));
    const folder = join(BLESSED, sample);
    if (bless) {
      assert.not.ok(process.env.CI, "nothing is blessed in CI");
      rmSync(folder, { recursive: true, force: true });
      for (const [name, text] of generated) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
    }
    const blessed = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    assert.equal([...generated.keys()].sort(), blessed.sort());
    for (const [name, text] of generated)
      assert.is(text, readFileSync(join(folder, name), "utf8"), `${name}; MBX_BLESS=1 accepts it`);
  });

const hostNames = /\/(?:tmp|root|home|work|usr|var)\/|\b20\d\d-\d\d-\d\d\b|localhost/;

for (const sample of SAMPLES)
  test(`generated code of ${sample} depends on the folder, or names a path or a time`, () => {
    const source = join(ROOT, "samples", sample);
    const one = emit(join(copyOf(source), `${sample}.mbx`));
    const deep = mkdtempSync(join(tmpdir(), "mbx-golden-elsewhere-"));
    const other = emit(join(copyOf(source, join(deep, "a b")), `${sample}.mbx`));
    rmSync(deep, { recursive: true, force: true });
    assert.equal([...other.files], [...one.files]);
    for (const [name, text] of one.files) assert.not.match(text, hostNames, name);
  });

function flagsOf(): readonly string[] {
  const found = spawnSync("pkg-config", ["--cflags", "libdpdk"], { encoding: "utf8" })
    .stdout.trim()
    .split(/\s+/);
  return found.filter((flag) => !flag.startsWith("-march"));
}

const WARNINGS = ["-Wall", "-Wextra", "-Werror"];

/** Compiles a unit as `mbx build` does, with every warning an error. */
function compile(cc: string, emitted: Emitted, unit: string, out: string): void {
  const handlers = emitted.folder;
  const { status, stderr } = spawnSync(
    cc,
    [
      ...flagsOf(),
      ...["-march=x86-64-v2", "-std=gnu11", "-O2", "-c", ...WARNINGS, "-I", join(ROOT, "runtime/dataplane")],
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

for (const folder of programs) {
  const name = basename(folder);
  test(`${name}: a generated unit has warnings, or a stack does other work than the plan says`, () => {
    const emitted = emit(join(copyOf(folder), `${name}.mbx`));
    write(emitted);
    const units = [...emitted.files.keys()].filter((file) => /^built\/.*\.c$/.test(file));
    for (const cc of ["gcc", "clang"])
      for (const unit of units) {
        const object = join(emitted.folder, `${basename(unit)}.${cc}.o`);
        compile(cc, emitted, unit, object);
        const chain = emitted.plan.chains.find((one) => unit === `built/gen/${one.name}.c`);
        if (chain === undefined) continue;
        const planned = chain.stack.features.map((feature) => feature.name).sort();
        assert.equal(featuresInObject(object), planned, `${cc}: ${chain.name}`);
      }
  });
}

test.run();
