// time limit: 400 s
// The samples besides ids, over the recorded capture.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CAPTURE, readExpected } from "../support/expected.ts";
import { mbx, ROOT } from "../support/mbx.ts";
import { type Ran, runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp.ts";

const LIMIT = { limit: 200_000 };
const { sessions } = readExpected();
const COLUMNS = "src sport dst dport len_c2s sha256_c2s len_s2c sha256_s2c gap_c2s gap_s2c state";

/** As a person types it: through npm, silent. */
const streams = (...args: readonly string[]): Promise<Ran> =>
  runProgram(["npm", "run", "--silent", "streams", "--", ...args], { cwd: ROOT, ...LIMIT });

const rowsOf = (ran: Ran): readonly (readonly string[])[] =>
  ran.stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));

test("flow-stats prints each flow with its packets", async () => {
  const ran = await mbx(["run", "samples/flow-stats/flow-stats.mbx", "--capture", CAPTURE], LIMIT);
  assert.is(ran.code, 0, ran.stderr);
  for (const { src, sport, dst, dport, packets, what } of sessions) {
    const row = ran.stdout.split("\n").find((line) => line.includes(`${src}:${sport} `)) ?? "";
    assert.ok(row.includes(`${dst}:${dport} `), what);
    const counts = [...row.matchAll(/(\d+) \/ \d+/g)].map(([, count]) => Number(count));
    assert.is(counts.length, 2, row);
    assert.is((counts[0] ?? 0) + (counts[1] ?? 0), packets, `${what}: ${row}`);
  }
  assert.match(ran.stdout, new RegExp(`^${sessions.length} flows`, "m"));
});

test("streams prints its table and nothing else, a row a connection in order of first packet", async () => {
  const ran = await streams(CAPTURE);
  assert.is(ran.code, 0, ran.stderr);
  const [header, ...rows] = rowsOf(ran);
  assert.equal(header, COLUMNS.split(" "));
  const ends = rows.map((row) => row.slice(0, 4).join(" ")).sort();
  assert.equal(ends, sessions.map(({ src, sport, dst, dport }) => `${src} ${sport} ${dst} ${dport}`).sort());
  for (const row of rows) {
    assert.is(row.length, 11, row.join(" "));
    assert.match(row[10] ?? "", /^(open|eof|reset)$/);
    assert.equal(row.slice(8, 10), ["0", "0"], "the capture has no gaps");
  }
});

test("streams sees the download that the client gave up as a reset", async () => {
  const [, ...rows] = rowsOf(await streams(CAPTURE));
  const given = sessions.find(({ what }) => what.includes("gives up"));
  const row = rows.find(([, sport]) => Number(sport) === given?.sport);
  assert.is(row?.[10], "reset");
});

test("streams --dump writes the bytes that the table describes", async () => {
  const folder = join(makeTempFolder("streams"), "dump");
  const [, ...rows] = rowsOf(await streams(CAPTURE, "--dump", folder));
  assert.is(readdirSync(folder).length, 2 * rows.length);
  for (const [index, row] of rows.entries()) {
    const name = join(folder, String(index + 1).padStart(3, "0"));
    for (const [suffix, length, hash] of [
      ["c2s", row[4], row[5]],
      ["s2c", row[6], row[7]],
    ] as const) {
      const bytes = readFileSync(`${name}.${suffix}`);
      assert.is(String(bytes.length), length);
      assert.is(createHash("sha256").update(bytes).digest("hex"), hash);
    }
  }
});

test("streams has the bytes that were sent: a request and the page", async () => {
  const folder = join(makeTempFolder("streams"), "dump");
  await streams(CAPTURE, "--dump", folder);
  assert.match(readFileSync(join(folder, "001.c2s"), "latin1"), /^GET \/ HTTP\/1\.1\r\n[\s\S]*\r\n\r\n$/);
  assert.match(
    readFileSync(join(folder, "001.s2c"), "latin1"),
    /^HTTP\/1\.1 200 OK\r\n[\s\S]*Welcome to the shop/,
  );
});

test("streams refuses what it does not know, on stderr", async () => {
  const ran = await streams(CAPTURE, "--checksum", "perhaps");
  assert.equal([ran.code, ran.stdout], [2, ""]);
  assert.match(ran.stderr, "perhaps");
});

test("a `buffer` with no room for what is on its way is told, with what to do about it", async () => {
  const chain = ["run", "samples/ids/ids.mbx", "--capture", CAPTURE, "--json"];
  const small = await mbx([...chain, "--set", "web.buffer=64KB"], LIMIT);
  assert.is(small.code, 0, small.stderr);
  assert.match(small.stderr, /warning\[MBX7017\]: \d+ packets were dropped, because `buffer` had no room/);
  assert.match(small.stderr, /help: give the stack a larger `buffer`/);
  const enough = await mbx(chain, LIMIT);
  assert.not.match(enough.stderr, /MBX7017/);
});

test.run();
