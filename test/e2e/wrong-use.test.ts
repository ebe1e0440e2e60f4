// time limit: 400 s
// Wrong use gets a sentence and a code: never a usage page of DPDK, a stack
// trace, or silence.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { freemem } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CAPTURE } from "../support/expected.ts";
import { makeBed } from "../support/live-bed.ts";
import { mbx, mbxCommand, ROOT, readSummary } from "../support/mbx.ts";
import { commandIn, whyNoNamespaces } from "../support/netns.ts";
import { type Ran, runProgram } from "../support/program.ts";
import { testUnless } from "../support/skip.ts";
import { makeTempFolder } from "../support/temp.ts";

const SAMPLE = "samples/ids/ids.mbx";
const LIMIT = { limit: 200_000 };
const reason = whyNoNamespaces();
const folder = makeTempFolder("wrong");
const capture = readFileSync(join(ROOT, CAPTURE));

/** What a person must never see. */
const FOREIGN =
  /EAL:|EAL common options|Usage:.*--lcores|^ +at .*:\d+:\d+|UnhandledPromise|Segmentation|core dumped/m;

/** The run ended with a sentence that has a code and names what is wrong. */
function refused(ran: Ran, ...named: readonly (string | RegExp)[]): void {
  assert.ok(ran.code === 1 || ran.code === 2, `exit code ${ran.code}, signal ${ran.signal}\n${ran.stderr}`);
  assert.match(ran.stderr, /^error\[MBX\d{4}\]: \S/m);
  for (const name of named) assert.match(ran.stderr, name, `it does not say ${name}:\n${ran.stderr}`);
  assert.not.match(ran.stderr + ran.stdout, FOREIGN);
}

/** Writes a file for a test and answers its path. */
function fileOf(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const replay = (file: string) => mbx(["run", SAMPLE, "--capture", file, "--json"], LIMIT);

test("a capture that is not there is named", async () => {
  refused(await replay("no-such.pcap"), "no-such.pcap");
});

test("a file that is not a capture is named", async () => {
  refused(await replay(fileOf("notes.pcap", "Dear diary,\nthis is no capture at all.\n")), "notes.pcap");
});

test("an empty file is not a capture", async () => {
  refused(await replay(fileOf("empty.pcap", "")), "empty.pcap");
});

test("a folder is not a capture", async () => {
  refused(await replay(folder), folder);
});

test("a capture that is cut off is told from a whole one, and what it holds is not lost", async () => {
  const ran = await replay(fileOf("cut.pcap", capture.subarray(0, 100_003)));
  assert.match(ran.stderr, /^warning\[MBX\d{4}\]: .*capture.*in the middle of packet 109/m);
  assert.not.match(ran.stderr + ran.stdout, FOREIGN);
  const { packets } = readSummary(ran);
  assert.is(packets.in, 108);
});

test("a capture of a link type that nobody reads is named", async () => {
  const usb = Buffer.from(capture.subarray(0, 4096));
  usb.writeUInt32LE(189, 20); // LINKTYPE_USB_LINUX
  refused(await replay(fileOf("usb.pcap", usb)), "usb.pcap");
});

test("neither capture nor ports: both are offered", async () => {
  refused(await mbx(["run", SAMPLE], LIMIT), "--capture", "--port");
});

test("capture and ports cannot go together", async () => {
  const ports = ["--port", "client=net_af_packet0,iface=lo", "--port", "server=net_af_packet1,iface=lo"];
  refused(await mbx(["run", SAMPLE, "--capture", CAPTURE, ...ports], LIMIT), "--capture", "--port");
});

test("a port that is not bound is named", async () => {
  refused(await mbx(["run", SAMPLE, "--port", "client=net_af_packet0,iface=lo"], LIMIT), "server");
});

test("a port named twice is named", async () => {
  const ports = [
    "client=net_af_packet0,iface=lo",
    "client=net_af_packet1,iface=lo",
    "server=net_af_packet2,iface=lo",
  ];
  refused(await mbx(["run", SAMPLE, ...ports.flatMap((port) => ["--port", port])], LIMIT), "client");
});

test("a port that the chain does not have is named, with those that it has", async () => {
  const ports = ["client=net_af_packet0,iface=lo", "sevrer=net_af_packet1,iface=lo"];
  refused(
    await mbx(["run", SAMPLE, ...ports.flatMap((port) => ["--port", port])], LIMIT),
    "sevrer",
    /`server`/,
  );
});

test("a binding without a device is refused", async () => {
  refused(await mbx(["run", SAMPLE, "--port", "client", "--port", "server=net_null0"], LIMIT), "client");
});

testUnless(test, reason, "an interface that is not there is named", async () => {
  const { box } = makeBed();
  const ports = ["client=net_af_packet0,iface=cb0", "server=net_af_packet1,iface=nope0"];
  const command = mbxCommand(["run", SAMPLE, ...ports.flatMap((port) => ["--port", port])]);
  refused(await runProgram(commandIn(box, command), { cwd: ROOT, ...LIMIT }), "nope0");
});

testUnless(test, reason, "a driver that there is not is named", async () => {
  const ports = ["client=net_af_paket0,iface=lo", "server=net_af_packet1,iface=lo"];
  refused(await mbx(["run", SAMPLE, ...ports.flatMap((port) => ["--port", port])], LIMIT), "net_af_paket0");
});

testUnless(test, reason, "without the permission to open a device, the sentence says so", async () => {
  const bed = makeBed();
  const unprivileged = ["setpriv", "--bounding-set=-net_raw,-net_admin", "--inh-caps=-net_raw,-net_admin"];
  const command = [...unprivileged, ...mbxCommand(["run", SAMPLE, ...bed.bindings])];
  const ran = await runProgram(commandIn(bed.box, command), { cwd: ROOT, ...LIMIT });
  refused(ran, /permission|CAP_NET_RAW|root/);
});

testUnless(test, reason, "where /sys is not mounted, DPDK's usage page is not printed", async () => {
  const command = mbxCommand(["run", SAMPLE, "--capture", CAPTURE]).join(" ");
  const script = `mount -t tmpfs none /sys && exec ${command}`;
  const ran = await runProgram(["unshare", "--mount", "sh", "-c", script], { cwd: ROOT, ...LIMIT });
  refused(ran, "/sys");
});

/** A chain of one function, in a folder of its own. */
function chainOf(name: string, stackOptions: string, handler: string, more = ""): string {
  const home = join(folder, name);
  mkdirSync(home);
  writeFileSync(join(home, "watch.ts"), handler);
  const file = join(home, `${name}.mbx`);
  writeFileSync(
    file,
    `stack web = monitor {
  match tcp.port in { 80, 443, 3306 }
  ${stackOptions}
}

nf watch {
  subscribe FLOW_ESTABLISHED -> seen
  ${more}
  handler "watch.ts"
}

chain ${name} {
  stack web
  ports client <-> server
  path watch
}
`,
  );
  return file;
}

const QUIET = `import { watch } from "./watch.gen.js";\nexport default watch({ seen() {}, data_tcp() {} });\n`;
const THROWS = `import { watch } from "./watch.gen.js";
export default watch({
  seen() {
    throw new Error("the handler's own fault");
  },
});
`;

/** What the largest stack that can be written asks for, with room to spare. */
const LARGEST = 90e9;
const roomy = freemem() > LARGEST ? "this machine has the memory that the test asks for in vain" : undefined;

testUnless(test, roomy, "memory that the machine does not have is asked for in a sentence", async () => {
  const file = chainOf("greedy", "flows 16_773_120\n  buffer 64GB", QUIET, "subscribe DATA_TCP");
  const ran = await mbx(["run", file, "--capture", join(ROOT, CAPTURE)], LIMIT);
  refused(ran, /MB of memory are needed and \d+ MB are free/, "`flows`");
});

test("a handler that throws is reported with its event, counted, and the chain goes on", async () => {
  const file = chainOf("throws", "", THROWS);
  const ran = await mbx(["run", file, "--capture", join(ROOT, CAPTURE), "--json"], LIMIT);
  assert.match(ran.stderr, /MBX\d{4}/);
  assert.match(ran.stderr, "the handler's own fault");
  assert.match(ran.stderr, "FLOW_ESTABLISHED");
  const { nfs, packets } = readSummary(ran);
  assert.is(nfs.watch?.errors, 21);
  assert.is(packets.in, packets.out);
});

test.run();
