// time limit: 300 s
/** A worker that never returns, over a capture, where nobody waits for its verdicts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CAPTURE } from "../support/expected.ts";
import { mbxCommand, ROOT, readSummary } from "../support/mbx.ts";
import { startProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";

const LIMIT = 200_000;
const FLOWS = 21;
const folder = makeTempFolder("hang-replay");

writeFileSync(
  join(folder, "hang.mbx"),
  `stack all = monitor { match tcp.port in { 80, 443, 3306 } flows 1024 buffer 8MB }
nf hang { subscribe FLOW_END handler "hang.ts" }
chain hang { stack all ports client <-> server path hang }
`,
);
writeFileSync(
  join(folder, "hang.ts"),
  `import { hang } from "./hang.gen.js";
export default hang({
  flow_end() {
    for (;;);
  },
});
`,
);

const start = () =>
  startProgram(mbxCommand(["run", "hang.mbx", "--json", "--capture", join(ROOT, CAPTURE)]), {
    cwd: folder,
    limit: LIMIT,
  });

test("events that a worker has not handled at the end count as handled", async () => {
  const ended = await start().ended;
  assert.match(ended.stderr, "warning[MBX7010]: a worker did not finish within 5 seconds");
  assert.match(
    ended.stderr,
    /MBX7305\]: `hang` has been in one handler for \d+ s\n {2}at FLOW_END; it is ended/,
  );
  assert.is(ended.code, 1, "not all was done");
  const { nfs, counters } = readSummary(ended);
  assert.equal([nfs.hang?.handled, nfs.hang?.lost], [0, FLOWS]);
  assert.is(counters["events.lost"], FLOWS);
});

test("events that a worker has not handled when all stops at once count as handled", async () => {
  const running = start();
  await running.untilPrinted(/^memory: /m, LIMIT);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  running.kill("SIGINT");
  await running.untilPrinted(/again to stop at once/, LIMIT);
  running.kill("SIGINT");
  const { nfs } = readSummary(await running.ended);
  assert.equal([nfs.hang?.handled, nfs.hang?.lost], [0, FLOWS]);
});

test.run();
