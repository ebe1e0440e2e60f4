/** What the stack is asked to do, by what network functions declare. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planProgram } from "../../compiler/plan/plan.ts";
import { chain, nf, programOf, ROOT } from "../check/sources.ts";

/** Features of a chain with this NF alone, but for those that every stack has. */
function features(parts: readonly string[], stack = "monitor { checksum trust fragments 0 }"): string {
  const ir = programOf(`${nf("one", ...parts)}${chain("one", stack)}`).ir(ROOT);
  assert.ok(ir, "the program has errors");
  const [first] = ir === undefined ? [] : planProgram(ir).chains;
  return (first?.stack.features ?? []).map(({ name }) => name).join(" ");
}

const cases: readonly (readonly [string, readonly string[], string])[] = [
  ["UDP flows", ["subscribe FLOW_UDP"], "flows udp"],
  ["flows of ICMP queries", ["subscribe FLOW_ICMP"], "flows icmp"],
  ["errors about flows of all kinds", ["subscribe FLOW_ICMP_ERROR"], "flows tcp udp icmp icmp_errors"],
  [
    "errors about flows of one kind",
    ["subscribe FLOW_ICMP_ERROR where tcp.port == 80"],
    "flows tcp icmp_errors",
  ],
  [
    "errors about flows of two protocols",
    ["subscribe FLOW_ICMP_ERROR where ip.proto in { 17, 58 }"],
    "flows udp icmp icmp_errors",
  ],
  ["ICMP messages without their flows", ["subscribe PKT_ICMP"], "packet_events"],
  [
    "ICMP messages with their flows",
    ["subscribe PKT_ICMP", "reads flow.client.ip"],
    "flows icmp icmp_errors packet_events",
  ],
  [
    "datagrams whose flows can be dropped",
    ["subscribe PKT_UDP", "drops"],
    "flows udp icmp_errors packet_events drops injects",
  ],
  ["datagrams with state", ["subscribe PKT_UDP", "state flow { seen: u32 }"], "flows udp packet_events"],
  ["timers of UDP flows", ["subscribe FLOW_UDP", "subscribe TIMER"], "flows udp nf_timers"],
];

for (const [what, parts, expected] of cases)
  test(`${what} ask for more or less than they need`, () => {
    assert.is(features(parts), expected);
  });

test("`unheard drop` asks for something where nobody drops, or nobody hears bytes", () => {
  const stack = "monitor { checksum trust fragments 0 unheard drop }";
  assert.match(features(["subscribe DATA_TCP", "drops"], stack), / drops unheard /);
  assert.not.match(features(["subscribe DATA_TCP", "drops"]), /unheard/);
  assert.not.match(features(["subscribe DATA_TCP"], stack), /unheard/);
  assert.not.match(features(["subscribe PKT_TCP", "drops"], stack), /unheard/);
});

test("a stack that keeps no flows is asked for some", () => {
  assert.is(features(["subscribe PKT_UDP", "drops"], "l3 { checksum trust }"), "packet_events");
});

test.run();
