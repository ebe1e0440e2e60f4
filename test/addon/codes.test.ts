import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { counterLayout, nfCounters, portCounters } from "../../runtime/control/counters.ts";
import { runCodes } from "../../runtime/control/errors.ts";

const faults = readFileSync(new URL("../../runtime/dataplane/fault.h", import.meta.url), "utf8");
const port = readFileSync(new URL("../../runtime/dataplane/port/port.h", import.meta.url), "utf8");
const program = readFileSync(new URL("../../runtime/dataplane/lcore/program.h", import.meta.url), "utf8");

const camel = (name: string) =>
  name.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Names of the members of a struct of counters, in order. */
function members(source: string, struct: string): readonly string[] {
  const body = new RegExp(`struct ${struct} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
  const fields = body.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/uint64_t ([^;]+);/g);
  return [...fields].flatMap((field) => (field[1] ?? "").split(",").map((name) => name.trim()));
}

test("a fault of the dataplane has the code that the shared table gives it", () => {
  const defined = [...faults.matchAll(/#define FAULT_(\w+) "(MBX\d+)"/g)];
  assert.ok(defined.length > 15);
  const table: Readonly<Record<string, string>> = runCodes;
  for (const [, name, code] of defined) assert.is(table[camel(name ?? "")], code, name);
});

test("the counters of ports and of network functions have the order that the main thread reads", () => {
  assert.equal(members(port, "port_counters"), [...portCounters]);
  assert.equal(members(program, "nf_counters"), [...nfCounters]);
});

test("the array of counters has as many entries as the dataplane writes", () => {
  const layout = counterLayout({
    program: "p",
    ports: ["a", "b"],
    instances: 1,
    natives: 0,
    chains: [
      {
        name: "c",
        stack: "s",
        flows: 0,
        outlets: 0,
        nfs: [{ name: "n", outlet: null, place: 0 }],
        events: [null, "PKT"],
      },
    ],
    counters: [{ name: "packets.in", doc: "" }],
  });
  assert.is(layout.size, 1 + 2 * portCounters.length + 1 + nfCounters.length + 2);
});

test.run();
