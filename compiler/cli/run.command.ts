/** `mbx run`: builds a program where needed, and runs it over a capture or on devices. */
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { PortBinding, Rss } from "../../runtime/control/dataplane.ts";
import { defaultRunOptions, type RunOptions, type RunResult } from "../../runtime/control/options.ts";
import { type Fault, fault, reasonOf } from "../build/fault.ts";
import { inFolder } from "../build/places.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { build } from "./build.command.ts";
import type { Command } from "./command.ts";
import { failureOf } from "./exit.ts";
import type { Arguments } from "./options.ts";
import { outputFlag, planFlags, settingFlag, sourceFile, toolchainOf, toolFlags } from "./tools.ts";

const STDIN = "/dev/stdin";
const EXAMPLE_DEVICE = "net_af_packet0,iface=eth0";

export const runCommand: Command = {
  spec: {
    name: "run",
    summary: "Build a program where needed, and run it",
    description: [
      "Runs a program over a capture (pcap or pcapng), or on devices, one for each port of its chains. Ctrl-C finishes what is in flight, prints the summary and ends.",
      "What handlers print goes to stdout; with `--json` it goes to stderr, and stdout has the summary's one object and nothing else.",
    ],
    operand: { name: "FILE", count: "one", noun: "a `.mbx` file" },
    flags: [
      {
        name: "capture",
        value: "IN.pcap",
        help: "Packets come from this file or pipe; `-` is standard input",
      },
      { name: "out", value: "OUT.pcap", help: "Forwarded packets go to this file" },
      { name: "speed", value: "SPEED", choices: ["max", "recorded"], help: "How fast a capture is replayed" },
      {
        name: "laps",
        value: "N",
        range: [1, 1_000_000_000],
        help: "Keep the capture in memory and play it N times, each time with other clients",
      },
      { name: "port", value: "NAME=DEVICE", repeats: true, help: "Bind a port to a DPDK device" },
      { name: "burst", value: "N", range: [1, 256], help: "Most packets taken at once, 1 to 256" },
      { name: "poll", value: "HOW", choices: ["adaptive", "busy"], help: "Whether an idle core sleeps" },
      {
        name: "rss",
        value: "WHO",
        choices: ["auto", "device", "software"],
        help: "Who shares packets out to the instances of `cores N`: the devices where they can, the devices, or a core more",
      },
      { name: "latency", help: "Count how long packets take from receive to transmit" },
      {
        name: "json",
        help: "Print the summary and all counters as one object on stdout, and what handlers print on stderr",
      },
      settingFlag,
      ...planFlags,
      outputFlag,
      ...toolFlags,
    ],
    examples: [
      { line: "mbx run ids.mbx --capture in.pcap --out out.pcap", says: "Over a capture:" },
      {
        line: "tcpdump -U -w - -i eth0 | mbx run ids.mbx --capture -",
        says: "Over what another program captures:",
      },
      {
        line: `mbx run ids.mbx --port client=${EXAMPLE_DEVICE} --port server=net_af_packet1,iface=eth1`,
        says: "On two network interfaces:",
      },
    ],
  },
  run: async (args, io) => {
    const given = args.operands[0] ?? "";
    const file = sourceFile(io.cwd, given);
    toolchainOf(args);
    const ports = args.texts("port").map(bindingOf);
    checkSources(given, args, ports);
    const capture = captureOf(args);
    if (capture !== undefined) {
      checkCapture(io.cwd, capture);
      checkOut(io.cwd, capture, args.text("out"));
    }

    const result = await build(file, args, io, {
      quiet: true,
      onPlan: (plan) => {
        if (capture === undefined) checkPorts(plan.name, plan.ports, ports);
      },
    });
    if (!result.ok) return failureOf(result.diagnostics);
    const program = await loadProgram(result.folder);
    const ended = await program.run(optionsOf(args, ports));
    return ended.exitCode;
  },
};

function captureOf(args: Arguments): string | undefined {
  const capture = args.text("capture");
  return capture === "-" ? STDIN : capture;
}

function optionsOf(args: Arguments, ports: readonly PortBinding[]): RunOptions {
  const capture = captureOf(args);
  const out = args.text("out");
  const laps = args.number("laps");
  return {
    ...(capture === undefined ? {} : { capture }),
    ...(laps === undefined ? {} : { laps }),
    ...(out === undefined ? {} : { out }),
    ports,
    burst: args.number("burst") ?? defaultRunOptions.burst,
    speed: args.text("speed") === "recorded" ? "recorded" : "max",
    poll: args.text("poll") === "busy" ? "busy" : "adaptive",
    rss: rssOf(args.text("rss")),
    json: args.has("json"),
    latency: args.has("latency"),
    verbose: args.has("verbose"),
  };
}

function rssOf(text: string | undefined): Rss {
  return text === "device" || text === "software" ? text : "auto";
}

function bindingOf(text: string): PortBinding {
  const split = text.indexOf("=");
  const name = text.slice(0, Math.max(0, split));
  const device = text.slice(split + 1);
  if (!/^\w+$/.test(name) || device === "") {
    throw fault(
      "MBX8015",
      { flag: "--port", value: text, form: "NAME=DEVICE" },
      `\`--port ${/^\w+/.exec(text)?.[0] ?? "client"}=${EXAMPLE_DEVICE}\``,
    );
  }
  return { name, device };
}

function checkSources(file: string, args: Arguments, ports: readonly PortBinding[]): void {
  const capture = args.text("capture");
  if (capture !== undefined && ports.length > 0) {
    throw fault("MBX7205", {
      text: "`--capture` and `--port` cannot go together: packets come from a file or from devices",
    });
  }
  if (capture === undefined && ports.length === 0) {
    throw fault(
      "MBX7204",
      { text: `nothing says where the packets of \`${file}\` come from` },
      `from a capture: \`mbx run ${file} --capture in.pcap\``,
      `from devices: \`mbx run ${file} --port client=${EXAMPLE_DEVICE} --port server=…\``,
    );
  }
  for (const flag of ["out", "speed", "laps"]) {
    if (capture === undefined && args.has(flag)) {
      throw fault("MBX8010", { flag: `--${flag}`, needs: "--capture" });
    }
  }
  if (capture !== undefined && args.has("rss")) throw fault("MBX8010", { flag: "--rss", needs: "--port" });
  const names = ports.map((port) => port.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw fault("MBX7202", { text: `port \`${twice}\` is bound twice` });
}

/** Looked at before a build, which takes a while; what is in it, the program sees. */
function checkCapture(cwd: string, capture: string): void {
  const file = path.resolve(cwd, capture);
  try {
    accessSync(file, constants.R_OK);
    const there = statSync(file);
    if (there.isDirectory()) throw unreadable(capture, "it is a folder");
    if (there.isCharacterDevice() || there.isSocket())
      throw unreadable(capture, "it is neither a file nor a pipe");
  } catch (error) {
    if (error instanceof Error && error.name === "Fault") throw error;
    throw unreadable(capture, reasonOf(error));
  }
}

/** One file, whatever it is called: opening the output would empty the capture. */
function checkOut(cwd: string, capture: string, out: string | undefined): void {
  if (out === undefined) return;
  const there = statSync(path.resolve(cwd, out), { throwIfNoEntry: false });
  const from = statSync(path.resolve(cwd, capture));
  const same = there?.isFile() === true && there.dev === from.dev && there.ino === from.ino;
  if (same) throw fault("MBX8028", { capture, out }, "write to another file: `--out out.pcap`");
}

function unreadable(capture: string, reason: string): Fault {
  return fault("MBX7101", { text: `the capture \`${capture}\` cannot be read: ${reason}` });
}

function unboundText(program: string, missing: readonly string[]): string {
  const names = missing.map((name) => `\`${name}\``).join(", ");
  const [noun, verb] = missing.length === 1 ? ["port", "is"] : ["ports", "are"];
  return `${noun} ${names} of \`${program}\` ${verb} not bound to a device`;
}

function checkPorts(program: string, ports: readonly string[], bound: readonly PortBinding[]): void {
  const unknown = bound.find((port) => !ports.includes(port.name));
  if (unknown !== undefined) throw unknownPort(program, ports, bound, unknown);
  const missing = ports.filter((name) => !bound.some((port) => port.name === name));
  if (missing.length === 0) return;
  throw fault(
    "MBX7201",
    { text: unboundText(program, missing) },
    ...missing.map((name) => `\`--port ${name}=${EXAMPLE_DEVICE}\``),
  );
}

function unknownPort(
  program: string,
  ports: readonly string[],
  bound: readonly PortBinding[],
  unknown: PortBinding,
): Fault {
  const free = ports.filter((name) => !bound.some((port) => port.name === name));
  const similar = nearest(unknown.name, free);
  const list = ports.map((name) => `\`${name}\``).join(", ");
  const help =
    similar !== undefined
      ? `there is a port with a similar name: \`${similar}\``
      : ports.length === 0
        ? "its chains have no ports: run it over a capture"
        : `its ports: ${list}`;
  return fault("MBX7203", { text: `\`${program}\` has no port \`${unknown.name}\`` }, help);
}

interface Program {
  readonly run: (options: RunOptions) => Promise<RunResult>;
}

async function loadProgram(folder: string): Promise<Program> {
  const loaded: unknown = await import(pathToFileURL(path.join(folder, inFolder.main)).href);
  if (isProgram(loaded)) return loaded;
  throw new Error(`${inFolder.main} has no function run()`);
}

function isProgram(loaded: unknown): loaded is Program {
  return typeof loaded === "object" && loaded !== null && "run" in loaded && typeof loaded.run === "function";
}
