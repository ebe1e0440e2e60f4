import { readFileSync, writeFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inUnits, referencePage } from "../../compiler/catalog/reference.ts";

const page = new URL("../../docs/language/events.md", import.meta.url);

test("docs/language/events.md is what the catalog says; MBX_BLESS=1 writes it anew", () => {
  const expected = `${referencePage().trimEnd()}\n`;
  if (process.env.MBX_BLESS === "1" && process.env.CI === undefined) writeFileSync(page, expected);
  assert.is(readFileSync(page, "utf8"), expected);
});

test("values are written with the unit that an author would use", () => {
  assert.is(inUnits(64 * 1024 * 1024, "size"), "64MB");
  assert.is(inUnits(60e9, "duration"), "60s");
  assert.is(inUnits(7 * 24 * 3600e9, "duration"), "168h");
  assert.is(inUnits(0, "size"), "0");
  assert.is(inUnits(16_777_216, "count"), "16_777_216");
});

test.run();
