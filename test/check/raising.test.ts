import { test } from "uvu";
import * as assert from "uvu/assert";
import { chain, codesOf, nf } from "./sources.ts";

const program = [
  "event SEEN extends FLOW { }\n",
  nf("finder", "subscribe FLOW_START", "publish SEEN"),
  nf("hearer", "subscribe SEEN"),
  nf("other", "subscribe FLOW_END"),
  nf("more", "subscribe FLOW_END"),
].join("");

const paths: readonly (readonly [string, readonly string[]])[] = [
  ["finder -> hearer -> other -> more", []],
  ["finder -> other -> (more | hearer)", []],
  ["(finder | other) -> more -> hearer", []],
  ["(finder -> hearer | other) -> more", []],
  ["((other | finder) -> (more | hearer))", []],
  ["hearer -> finder -> other -> more", ["MBX3002"]],
  ["(hearer | other) -> (finder | more)", ["MBX3002"]],
  ["(finder | hearer) -> other -> more", ["MBX3003"]],
  ["(finder -> other | more -> hearer)", ["MBX3003"]],
  ["other -> ((finder | more) | hearer)", ["MBX3003"]],
];

for (const [path, expected] of paths) {
  test(`who hears whom in ${path}`, () => assert.equal(codesOf(program + chain(path)), expected));
}

test("one publisher before is enough, whoever comes after", () => {
  const again = "nf finder_again = finder\n";
  assert.equal(
    codesOf(`${program}${again}${chain("finder -> hearer -> finder_again -> other -> more")}`),
    [],
  );
});

test("an event is raised for those who hear an event that it extends", () => {
  const events = "event SEEN extends FLOW { }\nevent SEEN_WELL extends SEEN { }\n";
  const nfs = nf("finder", "subscribe FLOW_START", "publish SEEN_WELL") + nf("hearer", "subscribe SEEN");
  assert.equal(codesOf(events + nfs + chain("finder -> hearer")), []);
});

test("an event is not raised for those who hear an event that extends it", () => {
  const events = "event SEEN extends FLOW { }\nevent SEEN_WELL extends SEEN { }\n";
  const nfs = nf("finder", "subscribe FLOW_START", "publish SEEN") + nf("hearer", "subscribe SEEN_WELL");
  assert.ok(codesOf(events + nfs + chain("finder -> hearer")).includes("MBX3001"));
});

test("a publication is heard by a subscriber of the built-in event that it extends", () => {
  const source = `event SEEN extends FLOW_TCP { }\n${nf("finder", "subscribe FLOW_START", "publish SEEN")}`;
  assert.equal(codesOf(source + nf("hearer", "subscribe FLOW_TCP") + chain("finder -> hearer")), []);
});

test("each kind of stack raises packet events", () => {
  const kinds = ["l3 { }", "monitor { }", "splicer { }"];
  for (const kind of kinds) {
    const codes = codesOf(nf("watch", "subscribe PKT_UDP") + chain("watch", kind)).filter(
      (code) => code !== "MBX5900",
    );
    assert.equal(codes, [], kind);
  }
});

test.run();
