/** Which name was meant. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { editDistance, nearest } from "../../compiler/diagnostics/suggest.ts";

test("a letter too many, too few, wrong or swapped is one mistake", () => {
  assert.is(editDistance("chain", "chains"), 1);
  assert.is(editDistance("chain", "chin"), 1);
  assert.is(editDistance("chain", "chaim"), 1);
  assert.is(editDistance("chain", "chian"), 1);
  assert.is(editDistance("", "abc"), 3);
});

test("the nearest name is found", () => {
  assert.is(nearest("IDS_ALERTS", ["DPI_DETECT", "IDS_ALERT"]), "IDS_ALERT");
  assert.is(nearest("subscirbe", ["publish", "subscribe"]), "subscribe");
});

test("a name in another case is the nearest of all", () => {
  assert.is(nearest("Flow_End", ["FLOW_EN", "FLOW_END"]), "FLOW_END");
  assert.is(nearest("NF", ["no", "nf"]), "nf");
});

test("a name of its own has no nearest", () => {
  assert.is(nearest("garbage", ["event", "chain"]), undefined);
  assert.is(nearest("ab", ["xy", "cd"]), undefined);
  assert.is(nearest("a", ["b"]), undefined);
  assert.is(nearest("x", []), undefined);
});

test("a name is not suggested for itself", () => {
  assert.is(nearest("same", ["same"]), undefined);
});

test("the order of the candidates does not matter", () => {
  assert.is(nearest("cat", ["bat", "rat"]), nearest("cat", ["rat", "bat"]));
});

test("long names are not compared letter by letter", () => {
  const began = Date.now();
  assert.is(nearest("a".repeat(100_000), ["a".repeat(99_999)]), undefined);
  assert.ok(Date.now() - began < 1000);
});

test.run();
