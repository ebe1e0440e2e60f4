/** Who has a turn with a burst when, and where its packets wait. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planText } from "../../compiler/cli/plan-text.ts";
import { type ProgramPlan, planProgram } from "../../compiler/plan/plan.ts";
import { programOf, ROOT } from "../check/sources.ts";

function planned(source: string): ProgramPlan {
  const ir = programOf(source).ir(ROOT);
  if (ir === undefined) throw new Error(`it has errors:\n${source}`);
  return planProgram(ir);
}

const HEAD = "event SAID extends FLOW_TCP { number: u32 }\nstack all = monitor { }\n";

const nf = (name: string, parts = "", extension = "c") =>
  `nf ${name} {\n  subscribe FLOW_TCP -> life\n${parts}  handler "${name}.${extension}"\n}\n`;

function chain(path: string, places: readonly string[]): string {
  const lines = places.map((name, i) => `  place ${name} on ${i + 1}\n`).join("");
  return `chain main {\n  stack all\n  ports client <-> server\n  path ${path}\n${lines}}\n`;
}

/** `b a | b` : turns of the stages by name, then who is waited for. */
function turns(plan: ProgramPlan): readonly string[] {
  const [main] = plan.chains;
  const nameOf = (place: number) => main?.nfs[place]?.name ?? "nobody";
  return (main?.stages ?? []).map(
    ({ places, waitsFor }) => `${places.map(nameOf).join(" ")} / ${nameOf(waitsFor)}`,
  );
}

const DROPS = "  drops\n";

test("one of two in parallel that is on another core gets its events after the other has run", () => {
  const plan = planned(
    `${HEAD}${nf("x")}${nf("a")}${nf("b", DROPS)}${nf("y")}${chain("x -> (a | b) -> y", ["b"])}`,
  );
  assert.equal(turns(plan), ["x b a / b", "y / nobody"]);
});

test("two in parallel on other cores work one after the other", () => {
  const plan = planned(
    `${HEAD}${nf("a", DROPS)}${nf("b", DROPS)}${nf("c")}${nf("y")}${chain("(a | b | c) -> y", ["a", "b"])}`,
  );
  assert.equal(turns(plan), ["a b c / a", " / b", "y / nobody"]);
});

test("packets wait for one that only watches", () => {
  const plan = planned(`${HEAD}${nf("a")}${nf("b")}${nf("y", DROPS)}${chain("(a | b) -> y", ["b"])}`);
  assert.equal(turns(plan), ["b a y / nobody"]);
});

test("who hears what one on another core publishes does not wait for it", () => {
  const hears = nf("y").replace("FLOW_TCP -> life", "SAID");
  const plan = planned(
    `${HEAD}${nf("a", "  publish SAID\n")}${nf("b")}${hears}${chain("a -> b -> y", ["a"])}`,
  );
  assert.equal(turns(plan), ["a / a", "b y / nobody"]);
});

test("a publication that nobody hears is waited for", () => {
  const plan = planned(
    `${HEAD}${nf("a", "  publish SAID\n")}${nf("b").replace("FLOW_TCP -> life", "FLOW_END")}${chain("a -> b", ["a"])}`,
  );
  assert.equal(turns(plan), ["a b / nobody"]);
});

test("a branch waits for what is in the other one", () => {
  const nfs = ["a", "b", "c"].map((name) => nf(name)).join("");
  const plan = planned(`${HEAD}${nf("d", DROPS)}${nfs}${chain("(d -> a | b -> c)", ["d"])}`);
  assert.equal(turns(plan), ["d b c / d", "a / nobody"]);
});

test("a TypeScript function in parallel gets its events after one in C has run", () => {
  const plan = planned(`${HEAD}${nf("a")}${nf("b", DROPS, "ts")}${chain("(a | b)", [])}`);
  assert.equal(turns(plan), ["b a / b", " / nobody"]);
});

test("without a place functions in C wait, or change their order", () => {
  const plan = planned(`${HEAD}${nf("a", DROPS)}${nf("b", DROPS)}${nf("y")}${chain("(a | b) -> y", [])}`);
  assert.equal(turns(plan), ["a b y / nobody"]);
});

test("explain-plan does not say on which core a function in C is, or who is waited for", () => {
  const plan = planned(`${HEAD}${nf("a")}${nf("b", DROPS)}${nf("y")}${chain("(a | b) -> y", ["b"])}`);
  const text = planText(plan, { width: 100, colour: false, terminal: false, write: () => {} });
  assert.match(text, /b +C, on core 1, ring 0\n +a +C, on the stack's core\n +packets wait here for b\n +y /);
});

test.run();
