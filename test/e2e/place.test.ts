// time limit: 240 s
/** `place NF on CORE` keeps the worker of a TypeScript NF on that core. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CAPTURE } from "../support/expected.ts";
import { mbx, ROOT } from "../support/mbx.ts";
import { makeTempFolder } from "../support/temp.ts";

const test = suite("place");

const HANDLER = `import { readFileSync } from "node:fs";
import { ends } from "./ends.gen.js";

export default ends({
  flow_end() {},
  end() {
    const status = readFileSync("/proc/thread-self/status", "utf8");
    console.log(/^Cpus_allowed_list:.*$/m.exec(status)?.[0]);
  },
});
`;

const chain = (core: number) => `stack all = monitor { flows 1024 buffer 1MB }
nf ends { subscribe FLOW_END handler "ends.ts" }
chain placed { stack all ports tap path ends place ends on ${core} }
`;

async function runPlaced(core: number) {
  const folder = makeTempFolder("place");
  writeFileSync(join(folder, "placed.mbx"), chain(core));
  writeFileSync(join(folder, "ends.ts"), HANDLER);
  return mbx(["run", "placed.mbx", "--capture", join(ROOT, CAPTURE)], { cwd: folder, limit: 200_000 });
}

test("a worker runs on the core that the chain gives it", async () => {
  const ran = await runPlaced(0);
  assert.is(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /^Cpus_allowed_list:\t0$/m);
});

test("a core that the machine does not have is refused with a sentence", async () => {
  const ran = await runPlaced(127);
  assert.is(ran.code, 1, ran.stderr);
  assert.match(ran.stderr, "error[MBX7308]: `ends` is placed on core 127");
});

test.run();
