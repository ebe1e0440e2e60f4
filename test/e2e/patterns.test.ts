// time limit: 600 s
/** What samples/ids alerts about: its patterns, in any case, whole or spread over segments. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Connection } from "../support/frames.ts";
import { spaced, writePcap } from "../support/made-capture.ts";
import { mbx, ROOT } from "../support/mbx.ts";
import { makeTempFolder } from "../support/temp.ts";

const source = readFileSync(join(ROOT, "samples/ids/signature.c"), "utf8");

interface Pattern {
  readonly text: string;
  readonly message: string;
}

function patternsOf(name: string): readonly Pattern[] {
  const table = new RegExp(`${name}_patterns\\[\\] = \\{([\\s\\S]*?)\\};`).exec(source)?.[1] ?? "";
  return [...table.matchAll(/\{"(.*?)", "(.*?)"\}/g)].map(([, text = "", message = ""]) => ({
    text,
    message,
  }));
}

const http = patternsOf("http");
const sql = patternsOf("sql");

/** The client's first packet of MySQL: its length, number 1, capabilities; it may hold anything else. */
function login(rest: string): string {
  const packet = Buffer.alloc(36 + rest.length, "x");
  packet.writeUIntLE(packet.length - 4, 0, 3);
  packet[3] = 1;
  packet[5] = 2;
  packet.write(rest, 36, "latin1");
  return packet.toString("latin1");
}

interface Sent {
  readonly dport: number;
  readonly segments: readonly string[];
  /** Message of the alert that is expected. */
  readonly expected?: string;
}

const inMixedCase = (text: string): string =>
  [...text].map((letter, i) => (i % 2 === 0 ? letter.toUpperCase() : letter)).join("");

const REQUEST = "GET /?q=";
const END = " HTTP/1.1\r\n\r\n";

function whole(dport: number, begin: (rest: string) => string, { text, message }: Pattern): Sent {
  return { dport, segments: [begin(`${inMixedCase(text)}${END}`)], expected: message };
}

/** Cut before each letter but the first, and into single bytes. */
function spread({ text, message }: Pattern): readonly Sent[] {
  const cuts = Array.from(text.slice(1), (_, i) => [text.slice(0, i + 1), text.slice(i + 1)]);
  return [...cuts, [...text]].map((parts) => ({
    dport: 80,
    segments: [REQUEST, ...parts, END],
    expected: message,
  }));
}

async function alertsOf(sent: readonly Sent[]): Promise<ReadonlyMap<number, string>> {
  const file = join(makeTempFolder("patterns"), "patterns.pcap");
  const frames = sent.flatMap(({ dport, segments }, i) => {
    const connection = new Connection({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1024 + i, dport });
    return [
      ...connection.handshake(),
      ...segments.flatMap((segment) => [connection.data("client", segment), connection.ack("server")]),
      ...connection.close(),
    ];
  });
  writePcap(file, spaced(frames));
  const ran = await mbx(["run", "samples/ids/ids.mbx", "--capture", file], { limit: 240_000 });
  assert.is(ran.code, 0, ran.stderr);
  const alerts = [...ran.stdout.matchAll(/^alert 942100 severity 1 10\.0\.0\.1:(\d+) -> \S+ (.*)$/gm)];
  const byPort = new Map(alerts.map(([, port, message = ""]) => [Number(port), message] as const));
  assert.is(byPort.size, alerts.length, "a flow has one alert");
  return byPort;
}

test("a pattern is not found, found where it is not, or told of as another", async () => {
  const [first, , , other] = http;
  assert.ok(first !== undefined && other !== undefined && sql.length > 0);
  const sent: readonly Sent[] = [
    ...http.map((pattern) => whole(80, (rest) => `${REQUEST}${rest}`, pattern)),
    ...sql.map((pattern) => whole(3306, login, pattern)),
    ...http.flatMap(spread),
    // Of two the first of the list, whichever comes first in the bytes.
    { dport: 80, segments: [`${REQUEST}${other.text} ${first.text}${END}`], expected: first.message },
    { dport: 80, segments: [`${REQUEST}union-select${END}`] },
    { dport: 80, segments: [REQUEST, first.text.slice(0, -1), `x${END}`] },
    // A pattern of SQL is none of a request, and nothing is looked for in what is neither.
    { dport: 80, segments: [`${REQUEST}or '1'='1${END}`] },
    { dport: 80, segments: [`HELLO ${first.text}${END}`] },
  ];
  const alerts = await alertsOf(sent);
  const wrong = sent.flatMap(({ expected, segments }, i) =>
    alerts.get(1024 + i) === expected ? [] : [`${segments.join("|")}: ${alerts.get(1024 + i) ?? "no alert"}`],
  );
  assert.equal(wrong, []);
});

test.run();
