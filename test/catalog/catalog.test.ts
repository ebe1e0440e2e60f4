import { test } from "uvu";
import * as assert from "uvu/assert";
import { enums } from "../../compiler/catalog/enums.ts";
import { events } from "../../compiler/catalog/events.ts";
import { fields } from "../../compiler/catalog/fields.ts";
import { eventFields, eventIsA, eventsHeard } from "../../compiler/catalog/lookup.ts";
import { options } from "../../compiler/catalog/options.ts";
import { stacks } from "../../compiler/catalog/stacks.ts";
import { typeOfBuiltin } from "../../compiler/ir/builtin.ts";
import { RECORD_LIMIT, recordSize } from "../../compiler/ir/record.ts";

test("every name of the catalog stands there once", () => {
  for (const names of [events, fields, enums, options].map((table) => table.map((one) => one.name))) {
    assert.equal(names.length, new Set(names).size, names.join(" "));
  }
});

test("every event's parent comes before it", () => {
  const seen = new Set<string>();
  for (const event of events) {
    if (event.parent !== undefined) assert.ok(seen.has(event.parent), event.name);
    seen.add(event.name);
  }
});

test("level and transport of a parent hold for its children", () => {
  for (const event of events) {
    const parent = events.find((one) => one.name === event.parent);
    if (parent?.transport !== undefined) assert.is(event.transport, parent.transport, event.name);
    if (parent !== undefined && parent.level !== "none") assert.is(event.level, parent.level, event.name);
  }
});

test("what a parent always has, its children have", () => {
  for (const event of events) {
    const parent = events.find((one) => one.name === event.parent);
    if (parent?.packet === "always") assert.is(event.packet, "always", event.name);
  }
});

test("every enum that a field names exists", () => {
  const types = [...fields, ...events.flatMap((event) => event.fields)].map((field) => field.type);
  for (const type of types) if (type !== "bytes") assert.ok(typeOfBuiltin(type), type);
});

test("an event that can be subscribed to is raised by some stack", () => {
  for (const event of events) assert.is(event.subscribable, event.raisedBy.length > 0, event.name);
});

test("a stack raises what the stacks raise whose work it does, or replaces it", () => {
  for (const stack of stacks.filter((one) => one.kind !== "l3")) {
    const raised = events.filter((event) => event.raisedBy.includes("monitor"));
    for (const event of raised) assert.ok(event.raisedBy.includes(stack.kind), `${stack.kind} ${event.name}`);
  }
});

test("a subscription to PKT hears every packet event", () => {
  const heard = eventsHeard("PKT").map((event) => event.name);
  assert.equal(heard, ["PKT", "PKT_IP", "PKT_TCP", "PKT_UDP", "PKT_ICMP", "PKT_MALFORMED"]);
});

test("FLOW_TCP does not hear timers and UDP", () => {
  const heard = eventsHeard("FLOW_TCP").map((event) => event.name);
  assert.not.ok(heard.includes("TIMER"));
  assert.not.ok(heard.includes("FLOW_UDP"));
  assert.ok(eventIsA("FLOW_END", "FLOW_TCP"));
});

test("every built-in event with all that can be read fits a record", () => {
  const readable = fields
    .filter((field) => field.readable && field.type !== "bytes")
    .map((field) => field.type);
  for (const event of events) {
    const size = recordSize([...eventFields(event.name).map((field) => field.type), ...readable]);
    assert.ok(size <= RECORD_LIMIT, `${event.name} takes ${size}`);
  }
});

test("defaults of options are in their range and among their words", () => {
  for (const { name, value, default: given } of options) {
    if (given === undefined) continue;
    if (value.kind === "word")
      assert.ok(
        value.words.some((word) => word === given),
        name,
      );
    if (typeof given === "number" && "min" in value)
      assert.ok(given >= value.min && given <= value.max, name);
  }
});

test("texts of the catalog end without a full stop", () => {
  const docs = [
    ...events,
    ...fields,
    ...enums,
    ...options,
    ...stacks,
    ...events.flatMap((one) => one.fields),
  ];
  for (const { doc } of docs) assert.not.match(doc, /\.$/);
});

test.run();
