// time limit: 400 s
// What the outside does to a run that has begun: full disks, files cut off, and
// handlers in C that crash or never return.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CAPTURE } from "../support/expected.ts";
import { mbx, mbxCommand, ROOT, readSummary } from "../support/mbx.ts";
import { whyNoNamespaces } from "../support/netns.ts";
import { readPcap } from "../support/pcap.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";

const LIMIT = { limit: 200_000 };
const SAMPLE = "samples/ids/ids.mbx";
const folder = makeTempFolder("faults");

/** A chain of two functions in C; the second has this body. */
function chainOf(name: string, body: string): string {
  const home = join(folder, name);
  mkdirSync(home);
  for (const [nf, code] of [
    ["first", "(void)ctx; (void)m;"],
    ["second", body],
  ] as const) {
    writeFileSync(
      join(home, `${nf}.c`),
      `#include "${nf}.gen.h"\n#include <stdlib.h>\n\nvoid ${nf}_on_pkt_tcp(struct ${nf}_ctx *ctx, const struct pkt_tcp *m)\n{\n${body === code ? "\t(void)ctx;\n\t(void)m;\n" : ""}\t${code}\n}\n`,
    );
  }
  const file = join(home, `${name}.mbx`);
  writeFileSync(
    file,
    `stack all = l3 {
}

nf first {
  subscribe PKT_TCP
  handler "first.c"
}

nf second {
  subscribe PKT_TCP
  handler "second.c"
}

chain ${name} {
  stack all
  ports client <-> server
  path first -> second
}
`,
  );
  return file;
}

test("a handler in C that crashes ends the program without a word", async () => {
  const file = chainOf("crash", "abort();");
  const built = await mbx(["build", file], LIMIT);
  assert.is(built.code, 0, built.stderr);
  const ran = await mbx(["run", file, "--capture", join(ROOT, CAPTURE)], LIMIT);
  assert.is(ran.signal, "SIGABRT", ran.stderr);
  assert.match(
    ran.stderr,
    "error[MBX7309]: the program crashed (SIGABRT, abort()) while chain `crash` ran: `first`, `second`\n",
  );
});

test("a handler in C that never returns is not named, or cannot be stopped", async () => {
  const file = chainOf("loops", "for (volatile int i = 0; i < 1; i = 0)\n\t\t;");
  const built = await mbx(["build", file], LIMIT);
  assert.is(built.code, 0, built.stderr);
  const running = startProgram(mbxCommand(["run", file, "--capture", join(ROOT, CAPTURE), "--json"]), {
    cwd: ROOT,
    ...LIMIT,
  });
  await running.untilPrinted(/memory: /, 60_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  running.kill("SIGINT");
  await running.untilPrinted(/Ctrl-C again stops at once/, 10_000);
  running.kill("SIGINT");
  const ran = await running.ended;
  assert.is(ran.code, 1, ran.stderr);
  assert.match(
    ran.stderr,
    /MBX7305\]: chain `loops` has been at one burst for 2 s.*\n +it is of `first`, `second`;/,
  );
  assert.ok(readSummary(ran).packets.in > 0);
});

test("a full disk under --out goes unnoticed", async () => {
  const ran = await mbx(["run", SAMPLE, "--capture", CAPTURE, "--out", "/dev/full", "--json"], LIMIT);
  assert.is(ran.code, 1, ran.stderr);
  assert.match(
    ran.stderr,
    /^error\[MBX7107\]: only the first 0 of \d+ packets are in `\/dev\/full`: No space left on device$/m,
  );
  assert.ok(readSummary(ran).packets.out > 0);
});

/** What a run leaves of its output on a disk that is too small for it, in a namespace of mounts. */
async function ranOutOfSpace(name: string) {
  const small = join(folder, "small");
  mkdirSync(small, { recursive: true });
  const kept = join(folder, "kept");
  const out = join(small, name);
  const command = mbxCommand(["run", SAMPLE, "--capture", CAPTURE, "--out", out]).join(" ");
  const script = `mount -t tmpfs -o size=200k none ${small} && { ${command}; code=$?; cp ${out} ${kept}; exit $code; }`;
  const ran = await runProgram(["unshare", "--mount", "sh", "-c", script], { cwd: ROOT, ...LIMIT });
  assert.is(ran.code, 1, ran.stderr);
  const [, count] = /only the first (\d+) of \d+ packets are in /.exec(ran.stderr) ?? [];
  return { count: Number(count), file: readFileSync(kept) };
}

/** The blocks of a file in pcapng, each whole, by their types. */
function blockTypes(file: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4)) {
    const length = file.readUInt32LE(at + 4);
    assert.is(file.readUInt32LE(at + length - 4), length, "a block is not whole");
    types.push(file.readUInt32LE(at));
  }
  return types;
}

const reason = whyNoNamespaces();

testUnless(test, reason, "of what fits on a disk that fills up, whole packets are lost", async () => {
  const { count, file } = await ranOutOfSpace("out.pcap");
  assert.ok(count > 0);
  assert.is(readPcap(file).length, count);
});

const PCAPNG_PACKET = 6;

testUnless(test, reason, "the same in pcapng", async () => {
  const { count, file } = await ranOutOfSpace("out.pcapng");
  assert.ok(count > 0);
  assert.is(blockTypes(file).filter((type) => type === PCAPNG_PACKET).length, count);
});

const SECTION = Buffer.from("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000", "hex");

for (const [name, head] of [
  ["cut.pcap", readFileSync(join(ROOT, CAPTURE)).subarray(0, 20)],
  ["cut.pcapng", SECTION.subarray(0, 9)],
  ["cut-block.pcapng", SECTION.subarray(0, 20)],
] as const) {
  test(`a capture that ends within its header is called no capture: ${name}`, async () => {
    const path = join(folder, name);
    writeFileSync(path, head);
    const ran = await mbx(["run", SAMPLE, "--capture", path], LIMIT);
    assert.is(ran.code, 1, ran.stderr);
    assert.match(ran.stderr, `error[MBX7103]: \`${path}\` is cut off: it ends within the header`);
  });
}

test.run();
