// Warnings of units that are not compiled again.
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseCMessages } from "../../compiler/build/c-messages.ts";
import { withRemembered } from "../../compiler/build/remembered-output.ts";
import { makeTempFolder } from "../support/temp.ts";

const UNITS = ["gen/nf_a.c", "gen/nf_b.c"];
const begin = (unit: string) => `Building C object CMakeFiles/chain.dir/${unit}.o\n`;
const warning = (file: string) => `/p/${file}:3:6: warning: unused variable 'x' [-Wunused-variable]\n`;

const warned = (output: string) => parseCMessages(output).map((message) => message.file);

test("a warning is told again while its unit does not change, and goes when it is repaired", () => {
  const file = join(makeTempFolder("remembered"), "output.json");
  const first = `${begin("gen/nf_a.c")}${warning("a.c")}${begin("gen/nf_b.c")}${warning("b.c")}Linking C shared module\n`;
  assert.equal(warned(withRemembered(file, first, UNITS)), ["/p/a.c", "/p/b.c"]);
  assert.equal(warned(withRemembered(file, "ninja: no work to do.\n", UNITS)), ["/p/a.c", "/p/b.c"]);
  const repaired = `${begin("gen/nf_a.c")}Linking C shared module\n`;
  assert.equal(warned(withRemembered(file, repaired, UNITS)), ["/p/b.c"]);
});

test("a unit that is gone is forgotten", () => {
  const file = join(makeTempFolder("remembered"), "output.json");
  withRemembered(file, begin("gen/nf_a.c") + warning("a.c"), UNITS);
  withRemembered(file, "ninja: no work to do.\n", ["gen/nf_b.c"]);
  assert.equal(warned(withRemembered(file, "ninja: no work to do.\n", UNITS)), []);
});

test.run();
