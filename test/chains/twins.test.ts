// time limit: 400 s
// The same function in C and in TypeScript hears the same of every event that there is.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { enums } from "../../compiler/catalog/enums.ts";
import { events } from "../../compiler/catalog/events.ts";
import { type BuiltChain, buildChain, CHAINS, type ChainRun } from "../support/chain.ts";
import { Connection, ethernet, icmpError, icmpFrame, udpFrame } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";

const source = (file: string): string => readFileSync(join(CHAINS, "twins", file), "utf8");

/** Those of the catalog that a monitor raises, and that of the chain. */
const raised = events.filter(({ subscribable, raisedBy }) => subscribable && raisedBy.includes("monitor"));
const names = [...raised.map(({ name }) => name), "NOTE"];

let built: BuiltChain;

/** What lies before was lost, and the server has it. */
function behindHole(connection: Connection): readonly Buffer[] {
  connection.client += 7;
  return [connection.data("client", "behind the hole"), connection.ack("server")];
}

/** Each event at least once, a second flow beside the first one. */
function conversation(): readonly Buffer[] {
  const a = new Connection({ sport: 41001 });
  const b = new Connection({ sport: 41002 }, [70_000, 90_000]);
  const udp = { src: "10.0.0.1", dst: "10.0.0.2", sport: 5000, dport: 53 };
  const question = udpFrame(udp, "question");
  const first = a.client + 1;
  return [
    ...a.handshake(),
    ...b.handshake(),
    a.data("client", "client one"),
    a.data("server", "server one"),
    a.again("client", "client one", first),
    a.again("client", "client TWO", first),
    b.data("client", "before the hole"),
    ...behindHole(b),
    question,
    icmpFrame("10.0.0.1", "10.0.0.2", 8, 0, { body: "echo" }),
    icmpError("10.0.0.2", "10.0.0.1", 3, 3, question),
    ethernet(0x0800, Buffer.from([0x45, 0, 0, 200])),
    ...a.close(),
    b.reset("server"),
    // Time goes on, so that timers fire.
    ...Array.from({ length: 8 }, (_, i) => udpFrame({ ...udp, sport: 6000 + i }, "later")),
  ];
}

/** Members of enums are numbers in C, and names in TypeScript. */
function numbered(line: string): string {
  return line.replace(/ (reason|phase|dir|kind|conflict) (\S+)/g, (whole, field: string, member: string) => {
    const index = fieldEnum(line.split(" ")[0] ?? "", field).indexOf(member);
    return index < 0 ? whole : ` ${field} ${index}`;
  });
}

function fieldEnum(event: string, field: string): readonly string[] {
  const type =
    raised.find(({ name }) => name === event)?.fields.find(({ name }) => name === field)?.type ?? "";
  return enums.find(({ name }) => `enum:${name}` === type)?.members ?? [];
}

const heard = ({ log }: ChainRun, nf: string): readonly string[] =>
  log.filter((line) => line.startsWith(`${nf} `)).map((line) => numbered(line.slice(nf.length + 1)));

test.before(async () => {
  built = await buildChain("twins");
});

for (const { name, fields } of raised)
  test(`${name}, or one of its fields, is not of the comparison`, () => {
    const chain = source("twins.mbx").match(new RegExp(`^  subscribe ${name}$`, "gm"));
    assert.is(chain?.length, name === "FLOW_START" ? 3 : 2);
    for (const { name: field } of fields) {
      const member = field === "data" ? "(?:data|bytes)" : field;
      assert.match(source("ear_c.c"), new RegExp(`TELL\\("${name}"[^;]*m->${member}\\b`));
      assert.match(source("ear_ts.ts"), new RegExp(`tell\\(\\s*"${name}"[^;]*m\\.${member}\\b`));
    }
  });

for (const burst of [1, 32])
  test(`C and TypeScript hear different events in bursts of ${burst}`, async () => {
    const run = await built.run(spaced(conversation(), 1_000_000n), { burst });
    assert.is(run.code, 0, run.stderr);
    const [c, ts] = [heard(run, "ear_c"), heard(run, "ear_ts")];
    assert.equal(ts, c);
    const told = new Set(c.map((line) => line.split(" ")[0]));
    assert.equal(
      names.filter((name) => !told.has(name)),
      [],
      "events that nothing raised",
    );
  });

test.run();
