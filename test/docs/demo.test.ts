/** What the README says of the demo is what it prints. */
// time limit: 300 s
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mbx } from "../support/mbx.ts";
import { codeBlocks, readPage } from "./support.ts";

const CAPTURE = "samples/ids/captures/office.pcap";

test("every line that the README shows of the demo is printed", async () => {
  const shown = codeBlocks(readPage("README.md")).find(({ label }) => label === "demo")?.text ?? "";
  const lines = shown.split("\n").filter((line) => line !== "");
  assert.ok(lines.length > 5);
  const { code, stdout, stderr } = await mbx(["run", "samples/ids/ids.mbx", "--capture", CAPTURE], {
    limit: 280_000,
  });
  assert.is(code, 0, stderr);
  const printed = new Set(`${stdout}${stderr}`.split("\n"));
  assert.equal(
    lines.filter((line) => !printed.has(line)),
    [],
  );
});

test.run();
