/** Events have one number in the plan and in the dataplane. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { builtinNumbers, firstUserEvent } from "../../compiler/plan/events.ts";

const header = readFileSync(new URL("../../runtime/dataplane/event/event.h", import.meta.url), "utf8");
const body = /enum event_type \{([^}]*)\}/.exec(header)?.[1] ?? "";
const members = [...body.matchAll(/\bEVENT_(\w+)(?: = (\d+))?,/g)];

test("built-in events are numbered in event.h as in the plan", () => {
  const names = members.map(([, name]) => name);
  assert.equal(names.slice(0, names.indexOf("BUILTIN")), builtinNumbers);
  assert.is(members[0]?.[2], "0");
});

test("user events begin at the same number in both", () => {
  const user = members.find(([, name]) => name === "USER");
  assert.is(Number(user?.[2]), firstUserEvent);
});

test.run();
