// What is generated for the samples is the text that was blessed (MBX_BLESS=1).
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { copyOf } from "../support/chain.ts";
import { type Emitted, emit, SAMPLES } from "../support/generated.ts";
import { ROOT } from "../support/mbx.ts";

const BLESSED = join(ROOT, "test/golden");
const bless = process.env.MBX_BLESS === "1";

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

test.run();
