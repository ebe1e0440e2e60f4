// Network namespaces joined by veth pairs, for tests between real hosts. Names
// are unique to the process; all of it goes away with the process, whatever
// ends it: a watchdog holds the other end of a pipe and cleans up when it breaks.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { deleteNamespace, namespacePrefix, namespacesOf, sweepNamespaces } from "./netns-sweep.ts";
import { type Ran, type RunOptions, runProgram } from "./program.ts";

export interface Namespace {
  readonly name: string;
}

/** One end of a veth pair. */
export interface End {
  readonly namespace: Namespace;
  readonly device: string;
  /** Address with prefix length; an end that only a packet socket uses has none. */
  readonly address?: string;
}

/** What the kernel counted at an interface since it was made. */
export interface InterfaceCounters {
  readonly rx: DirectionCounters;
  readonly tx: DirectionCounters;
}

export interface DirectionCounters {
  readonly packets: number;
  readonly bytes: number;
  readonly errors: number;
  readonly dropped: number;
}

function ip(...args: readonly string[]): string {
  return execFileSync("ip", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

let made = 0;
let watched = false;

/** Cleans up when this process ends, also by SIGKILL: then the pipe breaks. */
function watch(): void {
  if (watched) return;
  watched = true;
  const script = `cat >/dev/null
    for path in /run/netns/${namespacePrefix(process.pid)}*; do
      name=\${path##*/}
      kill -9 $(ip netns pids "$name") && sleep 0.1
      ip netns delete "$name"
    done`;
  const watchdog = spawn("sh", ["-c", script], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  watchdog.unref();
  // A pipe to a child is a socket here, and a socket keeps the process running.
  if ("unref" in watchdog.stdin && typeof watchdog.stdin.unref === "function") watchdog.stdin.unref();
  process.on("exit", () => namespacesOf(process.pid).forEach(deleteNamespace));
}

/** `label` is for people: the namespace's name is unique besides. */
export function makeNamespace(label: string): Namespace {
  watch();
  made += 1;
  const name = `${namespacePrefix(process.pid)}${made}-${label}`;
  ip("netns", "add", name);
  const namespace = { name };
  inNamespace(namespace, ["sh", "-c", NO_IPV6]);
  ip("-n", name, "link", "set", "dev", "lo", "up");
  return namespace;
}

/** Neighbour discovery would send frames of its own, which no test expects. */
const NO_IPV6 = "for conf in all default; do echo 1 >/proc/sys/net/ipv6/conf/$conf/disable_ipv6; done";

/** Ends what runs in a namespace and deletes it before the process ends. */
export function removeNamespace(namespace: Namespace): void {
  deleteNamespace(namespace.name);
}

/** Joins two namespaces. Checksums are real and no frame is longer than the wire's. */
export function joinNamespaces(a: End, b: End): void {
  const [left, right] = [a, b].map((end) => ["netns", end.namespace.name]);
  ip(
    "link",
    "add",
    "name",
    a.device,
    ...(left ?? []),
    "type",
    "veth",
    "peer",
    "name",
    b.device,
    ...(right ?? []),
  );
  for (const { namespace, device, address } of [a, b]) {
    inNamespace(namespace, ["ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off"]);
    if (address !== undefined) ip("-n", namespace.name, "address", "add", address, "dev", device);
    ip("-n", namespace.name, "link", "set", "dev", device, "up");
  }
}

/** The command line that runs a program in a namespace. */
export function commandIn(namespace: Namespace, command: readonly string[]): readonly string[] {
  return ["ip", "netns", "exec", namespace.name, ...command];
}

/** Runs a short program in a namespace and answers what it printed; throws when it fails. */
export function inNamespace(namespace: Namespace, command: readonly string[]): string {
  const [program = "", ...args] = commandIn(namespace, command);
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Process ids of what runs in a namespace. */
export function processesIn(namespace: Namespace): readonly number[] {
  return ip("netns", "pids", namespace.name).split("\n").filter(Boolean).map(Number);
}

/** Runs a program in a namespace to its end. */
export function runIn(
  namespace: Namespace,
  command: readonly string[],
  options: RunOptions = {},
): Promise<Ran> {
  return runProgram(commandIn(namespace, command), options);
}

/** Starts a server in a namespace; it ends with the namespace. */
export function startIn(namespace: Namespace, command: readonly string[]): ChildProcess {
  const [program = "", ...args] = commandIn(namespace, command);
  const child = spawn(program, args, { stdio: "ignore" });
  child.unref();
  return child;
}

/** Reads an interface's counters. */
export function readCounters({ namespace, device }: End): InterfaceCounters {
  const links: unknown = JSON.parse(ip("-n", namespace.name, "-s", "-j", "link", "show", "dev", device));
  const link = Array.isArray(links) ? record(links[0]) : {};
  const stats = record(link.stats64);
  return { rx: directionCounters(record(stats.rx)), tx: directionCounters(record(stats.tx)) };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function directionCounters(stats: Readonly<Record<string, unknown>>): DirectionCounters {
  const read = (name: string) => {
    const value = stats[name];
    if (typeof value !== "number") throw new Error(`ip -s -j link printed no ${name}`);
    return value;
  };
  return { packets: read("packets"), bytes: read("bytes"), errors: read("errors"), dropped: read("dropped") };
}

/** Why namespaces cannot be made here; `undefined` where they can. For `testUnless`. */
export function whyNoNamespaces(): string | undefined {
  sweepNamespaces();
  const name = `${namespacePrefix(process.pid)}0-probe`;
  try {
    ip("netns", "add", name);
    ip("-n", name, "link", "add", "name", "probe0", "type", "veth", "peer", "name", "probe1");
    return undefined;
  } catch (fault) {
    const said = fault instanceof Error ? (fault.message.trim().split("\n").at(-1) ?? "") : String(fault);
    return `network namespaces cannot be made here (${said})`;
  } finally {
    deleteNamespace(name);
  }
}
