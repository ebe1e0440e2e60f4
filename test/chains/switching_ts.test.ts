// time limit: 400 s
// A function in a worker ignores at once, and hears again when the stack's core
// has read that: what it is given is contiguous, with a gap where it missed bytes.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { Connection } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";
import { seeded } from "../support/random.ts";

const FLOWS = 12;
const ROUNDS = 120;
const BURSTS = [1, 32, 256];
const PIECE = 10;

const byteAt = (position: number): string => String.fromCharCode(97 + ((position * 7) % 26));
const bytesAt = (from: number, length: number): string =>
  Array.from({ length }, (_, i) => byteAt(from + i)).join("");

/** Client and server speak in turns; the server gives orders at random. */
function conversation(port: number): readonly Buffer[] {
  const random = seeded(port);
  const connection = new Connection({ sport: port });
  const frames = [...connection.handshake()];
  for (let i = 0; i < ROUNDS; i++) {
    frames.push(connection.data("client", bytesAt(i * PIECE, PIECE)));
    const order = ["a-", "a+", "", "", "", ""][random(6)] ?? "";
    if (order !== "") frames.push(connection.data("server", order));
  }
  return frames;
}

let built: BuiltChain;
const logs = new Map<number, readonly string[]>();
const ports = Array.from({ length: FLOWS }, (_, i) => 41_000 + i);

test.before(async () => {
  built = await buildChain("switching_ts");
  const all = ports.map(conversation);
  const frames = Array.from({ length: Math.max(...all.map((one) => one.length)) }, (_, i) =>
    all.flatMap((one) => one[i] ?? []),
  ).flat();
  for (const burst of BURSTS) logs.set(burst, (await built.run(spaced(frames), { burst })).log);
});

const linesOf = (burst: number, name: string, port: number): readonly (readonly string[])[] =>
  (logs.get(burst) ?? [])
    .filter((line) => line.startsWith(`${name} ${port} `))
    .map((line) => line.split(" ").slice(2));

for (const burst of BURSTS) {
  test(`a worker's function is called with bytes after it has turned away (burst ${burst})`, () => {
    for (const port of ports) {
      let hears = true;
      for (const [what, which] of linesOf(burst, "a", port)) {
        if (what === "order") hears = which === "a+" || (which !== "a-" && hears);
        else assert.ok(hears, `${port}: ${what} ${which} while it ignores`);
      }
    }
  });

  test(`what a worker's function is given is not contiguous, or not what was sent (burst ${burst})`, () => {
    let gaps = 0;
    for (const port of ports) {
      let position = 0;
      for (const [what, first, second = ""] of linesOf(burst, "a", port)) {
        if (what === "order") continue;
        assert.is(Number(first), position, `${port}: ${what} ${first} ${second}`);
        if (what === "data") assert.is(second, bytesAt(position, second.length));
        else assert.ok(Number(second) > 0, `${port}: a gap of nothing at ${first}`);
        gaps += what === "gap" ? 1 : 0;
        position += what === "gap" ? Number(second) : second.length;
      }
    }
    assert.ok(gaps > 0, "something is missed");
  });
}

/** It decides at the flow's last bytes: the end is behind them in the same burst. */
test("kept bytes are lost when the flow ends before the worker's choice arrives, or come behind FLOW_END", async () => {
  const sent = ports.map((port) => {
    const connection = new Connection({ sport: port });
    return [
      ...connection.handshake(),
      ...Array.from({ length: 30 }, (_, i) => connection.data("client", bytesAt(i * PIECE, PIECE))),
      connection.data("server", port % 2 === 0 ? "k+" : "??"),
      ...connection.close(),
    ];
  });
  for (const burst of BURSTS) {
    const { log, summary } = await built.run(spaced(sent.flat()), { burst });
    for (const port of ports) {
      const lines = log
        .filter((line) => line.startsWith(`k ${port} `))
        .map((line) => line.split(" ").slice(2));
      const bytes = lines.filter(([what]) => what === "data").map(([, , text]) => text);
      assert.is(bytes.join(""), port % 2 === 0 ? bytesAt(0, 30 * PIECE) : "", `${port}, burst ${burst}`);
      assert.equal(lines.at(-1), ["end"], `${port}, burst ${burst}`);
      assert.is(lines.filter(([what]) => what === "end").length, 1);
    }
    assert.is(summary.counters["held.from_start_lost"], 0);
  }
});

test.run();
