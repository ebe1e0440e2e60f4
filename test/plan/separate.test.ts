/** Plans that measure what the compiler gains: a stack for each function, and event by event. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ProgramIr } from "../../compiler/ir/ir.ts";
import { type PlanOptions, plainPlan } from "../../compiler/plan/options.ts";
import { planProgram } from "../../compiler/plan/plan.ts";
import { crossingsOf } from "../../compiler/plan/separate.ts";
import { programOf, ROOT } from "../check/sources.ts";

const SEPARATE: PlanOptions = { ...plainPlan, consolidate: false };

function irOf(text: string): ProgramIr {
  const ir = programOf(text).ir(ROOT);
  if (ir === undefined) throw new Error("the program has errors");
  return ir;
}

const INDEPENDENT = `
stack all = monitor { checksum trust fragments 0 }
nf starts { subscribe FLOW_START handler "starts.c" }
nf bytes  { subscribe DATA_TCP where dir == client handler "bytes.c" }
nf ends   { subscribe FLOW_END reads flow.packets handler "ends.ts" }
chain c { stack all ports client <-> server path starts -> (bytes | ends) place ends on 1 }
`;

const CROSSING = `
event SEEN extends FLOW_TCP { size: u32 }
stack all = monitor {}
nf tells { subscribe FLOW_START publish SEEN handler "tells.c" }
nf hears { subscribe HEARD handler "hears.c" }
chain c { stack all ports client <-> server path tells -> hears }
`;

test("a function's own stack does what another function needs, or not what it needs itself", () => {
  const { chains } = planProgram(irOf(INDEPENDENT), SEPARATE);
  assert.equal(
    chains.map(({ name, stack }) => [name, stack.features.map((feature) => feature.name).join(" ")]),
    [
      ["c__starts", "flows tcp"],
      ["c__bytes", "flows tcp data_client"],
      ["c__ends", "flows tcp counters"],
    ],
  );
});

test("all stacks but a chain's last hand on what they forward", () => {
  const { chains } = planProgram(irOf(INDEPENDENT), SEPARATE);
  assert.equal(
    chains.map(({ handsOn }) => handsOn),
    ["all", "all", undefined],
  );
  assert.equal(
    chains.map(({ nfs }) => nfs.map(({ core }) => core)),
    [[-1], [-1], [1]],
  );
  const one = planProgram(irOf(INDEPENDENT.replace("starts -> (bytes | ends)", "ends")), SEPARATE);
  assert.equal(
    one.chains.map(({ name, handsOn }) => [name, handsOn]),
    [["c", undefined]],
  );
});

test("a function's own stack has the name of another chain", () => {
  const text = `
stack all = monitor { match tcp.port == 80 }
stack other = monitor { match tcp.port == 81 }
nf x { subscribe FLOW_START handler "x.c" }
nf y { subscribe FLOW_END handler "y.c" }
chain c { stack all ports client <-> server path x -> y }
chain c__x { stack other ports client <-> server path x }
`;
  assert.equal(
    planProgram(irOf(text), SEPARATE).chains.map(({ name }) => name),
    ["c__x2", "c__y", "c__x"],
  );
});

test("a published event that another function hears is not found, by whatever name it is heard", () => {
  for (const heard of ["SEEN", "FLOW_TCP"])
    assert.equal(crossingsOf(irOf(CROSSING.replace("HEARD", heard))), [
      { chain: "c", event: "SEEN", from: "tells", to: "hears" },
    ]);
  assert.equal(crossingsOf(irOf(CROSSING.replace("HEARD", "FLOW_END"))), []);
  assert.equal(crossingsOf(irOf(INDEPENDENT)), []);
});

test("a plain plan says something of options that were not given", () => {
  const text = JSON.stringify(planProgram(irOf(INDEPENDENT)), (_, value) =>
    typeof value === "bigint" ? String(value) : value,
  );
  assert.not.match(text, /handsOn|eventByEvent/);
});

test.run();
