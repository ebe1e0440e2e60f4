// streams: for each TCP connection and direction, length and SHA-256 of the
// bytestream, one row a connection in order of its first packet. Gaps count as
// zero bytes. STREAMS_DUMP names a folder for the streams themselves.
import { createHash, type Hash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Flow, streams } from "./streams.gen.js";

interface Direction {
  readonly hash: Hash;
  readonly file: string | undefined;
  length: number;
  gap: number;
}

interface Connection {
  readonly ends: readonly [string, number, string, number];
  readonly client: Direction;
  readonly server: Direction;
  state: "open" | "eof" | "reset";
}

const folder = process.env.STREAMS_DUMP;
const zeros = new Uint8Array(65536);
const connections: Connection[] = [];
const byFlow = new Map<number, Connection>();

if (folder !== undefined) makeFolder(folder);

/** Part by part: Node's own `recursive` never returns for a folder in /proc. */
function makeFolder(name: string): void {
  if (existsSync(name)) return;
  makeFolder(dirname(name));
  mkdirSync(name);
}

function openDirection(row: number, suffix: string): Direction {
  const file = folder === undefined ? undefined : join(folder, `${String(row).padStart(3, "0")}.${suffix}`);
  if (file !== undefined) writeFileSync(file, "");
  return { hash: createHash("sha256"), file, length: 0, gap: 0 };
}

/** A hash copies what it is given, so bytes may be read in place. */
function append(direction: Direction, bytes: Uint8Array): void {
  direction.hash.update(bytes);
  direction.length += bytes.length;
  if (direction.file !== undefined) appendFileSync(direction.file, bytes);
}

function appendGap(direction: Direction, length: number): void {
  direction.gap += length;
  for (let left = length; left > 0; left -= zeros.length)
    append(direction, left < zeros.length ? zeros.subarray(0, left) : zeros);
}

function connectionOf(flow: Flow): Connection | undefined {
  return byFlow.get(flow.id);
}

export default streams({
  flow_start(_ctx, m) {
    const row = connections.length + 1;
    const connection: Connection = {
      ends: [m.flowClientIp, m.flowClientPort, m.flowServerIp, m.flowServerPort],
      client: openDirection(row, "c2s"),
      server: openDirection(row, "s2c"),
      state: "open",
    };
    connections.push(connection);
    byFlow.set(m.flow.id, connection);
  },
  data_tcp(_ctx, m) {
    const connection = connectionOf(m.flow);
    if (connection !== undefined) append(connection[m.dir], m.bytes.subarray(m.start, m.end));
  },
  flow_gap(_ctx, m) {
    const connection = connectionOf(m.flow);
    if (connection !== undefined) appendGap(connection[m.dir], m.length);
  },
  flow_end(_ctx, m) {
    const connection = connectionOf(m.flow);
    if (connection === undefined) return;
    byFlow.delete(m.flow.id);
    if (m.reason === "rst") connection.state = "reset";
    else if (m.reason === "fin" || m.flowClientClosed) connection.state = "eof";
  },
  end() {
    const header = "src sport dst dport len_c2s sha256_c2s len_s2c sha256_s2c gap_c2s gap_s2c state";
    const rows = connections.map(({ ends, client, server, state }) =>
      [
        ...ends,
        client.length,
        client.hash.digest("hex"),
        server.length,
        server.hash.digest("hex"),
        client.gap,
        server.gap,
        state,
      ].join("\t"),
    );
    process.stdout.write(`${[header.replaceAll(" ", "\t"), ...rows].join("\n")}\n`);
  },
});
