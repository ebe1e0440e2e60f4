// time limit: 300 s
// A packet that is dropped as a packet has not arrived: functions behind it hear
// its bytes when they come again, and nothing passes them unheard.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BuiltChain, buildChain } from "../support/chain.ts";
import { Connection } from "../support/frames.ts";
import { spaced } from "../support/made-capture.ts";
import { seeded } from "../support/random.ts";

const BURSTS = [1, 2, 32, 256];
const TTL_AT = 14 + 8;

let built: BuiltChain;

test.before(async () => {
  built = await buildChain("limiter");
});

/** The limiter drops it. */
function limited(frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  copy[TTL_AT] = 5;
  return copy;
}

const hex = (frames: readonly { readonly frame: Buffer }[]): readonly string[] =>
  frames.map(({ frame }) => frame.toString("hex"));

interface Played {
  readonly log: readonly string[];
  /** By the number of the frame behind the handshake. */
  readonly left: readonly boolean[];
}

async function play(
  make: (connection: Connection, base: number) => readonly Buffer[],
  burst: number,
): Promise<Played> {
  const connection = new Connection();
  const start = connection.handshake();
  const frames = make(connection, connection.client);
  const { log, out } = await built.run(spaced([...start, ...frames]), { burst });
  const left = hex(out);
  return { log, left: frames.map((frame) => left.includes(frame.toString("hex"))) };
}

for (const burst of BURSTS) {
  test(`bytes of a limited packet pass the others unheard when they come again (bursts of ${burst})`, async () => {
    const { log, left } = await play(
      (connection, base) => [
        limited(connection.data("client", "get ")),
        connection.again("client", "get ", base),
        limited(connection.data("client", "evil")),
        connection.again("client", "evil!", base + 4),
      ],
      burst,
    );
    assert.equal(log, ["first 0 get ", "second 0 get ", "first 4 evil!", "second 4 evil!"]);
    assert.equal(left, [false, true, false, false]);
  });

  test(`a copy that the stack drops keeps its new bytes from those behind the first that drops (bursts of ${burst})`, async () => {
    const { log, left } = await play(
      (connection, base) => [
        connection.data("client", "ab"),
        connection.again("client", "xevil!", base + 1),
        connection.again("client", "bevil!", base + 1),
      ],
      burst,
    );
    assert.equal(
      log.filter((line) => line.startsWith("second")),
      ["second 0 ab", "second 2 evil!"],
    );
    assert.equal(left, [true, false, false]);
  });

  test(`without history a faithful copy is dropped, or a forged one passes (bursts of ${burst})`, async () => {
    const { left } = await play(
      (connection, base) => [
        connection.data("client", "aaaa"),
        connection.again("client", "aaaa", base),
        connection.data("client", "bb.."),
        connection.data("client", "cccc"),
        connection.again("client", "evil", base),
        connection.again("client", "aaaa", base),
      ],
      burst,
    );
    assert.equal(left, [true, true, true, true, false, true]);
  });
}

/** A sender that cuts its bytes anew until the limiter lets them pass. */
function stubborn(seed: number): (connection: Connection, base: number) => readonly Buffer[] {
  return (connection, base) => {
    const random = seeded(seed);
    const frames: Buffer[] = [];
    const text = "the quick brown fox jumps over the lazy dog ".repeat(20);
    let at = 0;
    while (at < text.length) {
      const end = Math.min(text.length, at + 1 + random(30));
      const from = Math.max(0, at - random(10));
      const frame = connection.again("client", text.slice(from, end), base + from);
      if (random(3) === 0) frames.push(limited(frame));
      else {
        frames.push(frame);
        at = end;
      }
    }
    return frames;
  };
}

for (const seed of [1, 2, 3])
  test(`a sender that repeats what was limited is not heard as a whole, or is held up (seed ${seed})`, async () => {
    for (const burst of BURSTS) {
      const { log, left } = await play(stubborn(seed), burst);
      let heard = "";
      for (const line of log.filter((one) => one.startsWith("second"))) {
        const [, offset = "", bytes = ""] = /^second (\d+) (.*)$/.exec(line) ?? [];
        assert.is(Number(offset), heard.length, `a hole, burst ${burst}`);
        heard += bytes;
      }
      assert.is(heard, "the quick brown fox jumps over the lazy dog ".repeat(20), `burst ${burst}`);
      const passed = stubborn(seed)(new Connection(), 1001).map((frame) => frame[TTL_AT] !== 5);
      assert.equal(left, passed, `burst ${burst}`);
    }
  });

test.run();
