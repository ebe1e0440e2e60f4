/** Addresses that a handler in TypeScript writes reach the ring whole, or not at all. */
import { transformSync } from "esbuild";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { helperTexts } from "../../compiler/emit/ts/types.ts";

type Write = (u8: Uint8Array, at: number, text: string) => void;

function helper(name: "writeIp" | "writeMac"): Write {
  const { code } = transformSync(helperTexts[name] ?? "", { loader: "ts" });
  return new Function(`${code}; return ${name};`)();
}

function written(name: "writeIp" | "writeMac", text: string): string {
  const u8 = new Uint8Array(17);
  helper(name)(u8, 0, text);
  return Buffer.from(u8).toString("hex");
}

for (const [text, hex] of [
  ["10.0.0.1", `0a000001${"00".repeat(12)}04`],
  ["2001:db8::1", `20010db8${"00".repeat(11)}0106`],
  ["::", `${"00".repeat(16)}06`],
  ["1:2:3:4:5:6:7:8", "0001000200030004000500060007000806"],
] as const)
  test(`writeIp changes ${text}`, () => assert.is(written("writeIp", text), hex));

for (const text of ["", "10", "10.0.0", "10.0.0.256", "1:2", "1::2::3", "12zz::", "1:2:3:4:5:6:7:8:9"])
  test(`writeIp takes "${text}" for an address`, () => {
    assert.throws(
      () => written("writeIp", text),
      (error: unknown) => error instanceof RangeError,
    );
  });

test("writeMac changes an address", () =>
  assert.is(written("writeMac", "02:00:00:00:00:fe").slice(0, 12), "0200000000fe"));

for (const text of ["", "02:00:00:00:00", "2x:00:00:00:00:01", "02:00:00:00:00:01:02"])
  test(`writeMac takes "${text}" for an address`, () => {
    assert.throws(
      () => written("writeMac", text),
      (error: unknown) => error instanceof RangeError,
    );
  });

test.run();
