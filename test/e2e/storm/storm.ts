/** Honest hosts and hostile frames around a chain: real sockets, raw sockets, real time. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bed, CLIENT_ADDRESS, SERVER_ADDRESS } from "../../support/live-bed.ts";
import { ROOT } from "../../support/mbx.ts";
import { commandIn, inNamespace, type Namespace } from "../../support/netns.ts";
import { type Ran, type Running, runProgram, startProgram } from "../../support/program.ts";
import type { Talk } from "./talk.ts";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export const SERVER_PORT = 8080;
/** What clients bind themselves to, and what is guessed at. */
const FIRST_PORT = 20_000;

/** Bytes. A blind guess at two numbers is right once in (2^32 / WINDOW)^2. */
const WINDOW = 65_536;

const node = (...args: readonly string[]): readonly string[] => [
  process.execPath,
  "--import",
  join(ROOT, "node_modules/tsx/dist/loader.mjs"),
  ...args,
];

/** Keeps windows small, so that no blind guess is right. */
function narrowWindows(namespace: Namespace): void {
  inNamespace(namespace, ["sh", "-c", `echo 4096 ${WINDOW} ${WINDOW} >/proc/sys/net/ipv4/tcp_rmem`]);
}

/** The server listens when this resolves. */
export async function startServer(bed: Bed, port = SERVER_PORT): Promise<Running> {
  for (const host of [bed.client, bed.server]) narrowWindows(host);
  const command = node(here("talk.ts"), "server", SERVER_ADDRESS, String(port));
  const running = startProgram(commandIn(bed.server, command), { cwd: ROOT, limit: 600_000 });
  await running.untilPrinted(/listening/, 30_000);
  return running;
}

export interface Talks {
  /** Every connection has been accepted. */
  readonly established: Promise<void>;
  readonly ended: Promise<readonly Talk[]>;
}

export interface TalkOptions {
  readonly port?: number;
  /** Of the clients. */
  readonly first?: number;
  /** Seconds until a connection is given up. */
  readonly limit?: number;
}

/** Honest connections, many at a time. */
export function startTalks(bed: Bed, connections: number, options: TalkOptions = {}): Talks {
  const { port = SERVER_PORT, first = FIRST_PORT, limit = 60 } = options;
  const numbers = [port, first, connections, limit].map(String);
  const running = startProgram(
    commandIn(bed.client, node(here("talk.ts"), "client", SERVER_ADDRESS, ...numbers)),
    { cwd: ROOT, limit: 180_000 },
  );
  return { established: running.untilPrinted(/established/, 60_000), ended: running.ended.then(readTalks) };
}

function readTalks({ code, signal, stdout, stderr }: Ran): readonly Talk[] {
  if (code !== 0) throw new Error(`the client ended with ${code ?? signal}:\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

/** Compiles a program of this folder into another. */
export async function buildTool(name: "flood" | "wire", folder: string): Promise<string> {
  const program = join(folder, name);
  const flags = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror"];
  const built = await runProgram(["cc", ...flags, "-o", program, here(`${name}.c`)]);
  if (built.code !== 0) throw new Error(`${name}.c does not compile:\n${built.stderr}`);
  return program;
}

export interface Flood {
  readonly connections: number;
  /** Frames a side. */
  readonly frames: number;
  readonly seconds: number;
  readonly seed: number;
  /** What forged data says. */
  readonly text: string;
}

const macOf = (namespace: Namespace, device: string): string =>
  inNamespace(namespace, ["cat", `/sys/class/net/${device}/address`]).trim();

/** Floods from both sides, each forging the hosts of its own; resolves with what each sent. */
export async function flood(program: string, bed: Bed, wanted: Flood): Promise<readonly FloodSent[]> {
  const client = { namespace: bed.client, device: "vc0", address: CLIENT_ADDRESS, side: "client" };
  const server = { namespace: bed.server, device: "vs0", address: SERVER_ADDRESS, side: "server" };
  const [clientMac, serverMac] = [client, server].map(({ namespace, device }) => macOf(namespace, device));
  const sides = [
    { from: client, to: server, macs: [clientMac, serverMac] },
    { from: server, to: client, macs: [serverMac, clientMac] },
  ];
  return Promise.all(
    sides.map(async ({ from, to, macs }) => {
      const bounds = [wanted.frames, wanted.seconds, wanted.seed].map(String);
      const ports = [FIRST_PORT, wanted.connections, SERVER_PORT].map(String);
      const addresses = [...macs.map(String), from.address, to.address];
      const ran = await runProgram(
        commandIn(from.namespace, [
          program,
          from.device,
          ...bounds,
          ...addresses,
          from.side,
          ...ports,
          wanted.text,
        ]),
        { limit: wanted.seconds * 1000 + 30_000 },
      );
      return readFlood(ran);
    }),
  );
}

/** Frames that left, by kind; `refused` were none to the kernel. */
export type FloodSent = Readonly<Record<string, number>>;

function readFlood({ code, stdout, stderr }: Ran): FloodSent {
  if (code !== 0) throw new Error(`the flood ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}
