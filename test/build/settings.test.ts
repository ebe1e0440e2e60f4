// `--set STACK.OPTION=VALUE`: the same rules and codes as in a file.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Fault } from "../../compiler/build/fault.ts";
import { readProgram } from "../../compiler/build/front.ts";
import { parseSettings } from "../../compiler/build/settings.ts";
import type { Sources } from "../../compiler/build/sources.ts";

const SOURCE = `stack web = monitor {
  match tcp.port == 80
  checksum verify
  flows 1_000
}
nf watch {
  subscribe FLOW_END
  handler "watch.c"
}
chain t {
  stack web
  ports client <-> server
  path watch
}
`;

const sources: Sources = {
  readFile: (path) => (path === "t.mbx" ? SOURCE : undefined),
  fileExists: () => true,
  text: (path) => (path === "t.mbx" ? SOURCE : undefined),
  shown: (path) => path,
};

function read(...settings: readonly string[]) {
  return readProgram("t.mbx", "build", parseSettings(settings), sources);
}

function optionsWith(...settings: readonly string[]) {
  const front = read(...settings);
  assert.equal(
    front.diagnostics.map((one) => one.message),
    [],
  );
  return front.ir?.stacks[0]?.options;
}

function faultOf(...settings: readonly string[]): string {
  try {
    read(...settings);
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}; ${error.help.join()}`;
  }
  return "none";
}

test("without a setting the file holds", () => {
  assert.is(optionsWith()?.checksum, "verify");
});

test("a setting replaces what the file says, and nothing else", () => {
  const before = optionsWith();
  assert.equal(optionsWith("web.checksum=trust", "web.flows=2_000"), {
    ...before,
    checksum: "trust",
    flows: 2000,
  });
});

test("a unit is understood", () => {
  assert.is(optionsWith("web.idle=2m")?.idle, 120_000_000_000);
});

test("a filter can be set", () => {
  const match = read("web.match=tcp.port in { 8080, 8081 }").ir?.stacks[0]?.match;
  assert.is(match?.kind, "in");
});

for (const [setting, code] of [
  ["web.checksm=trust", "MBX5001"],
  ["web.checksum=maybe", "MBX5004"],
  ["web.flows=0", "MBX5002"],
  ["web.match=tcp.prt == 80", "MBX2100"],
] as const) {
  test(`${setting} is ${code}, shown in what was written`, () => {
    const front = read(setting);
    assert.equal(
      front.diagnostics.map((one) => one.code),
      [code],
    );
    const file = front.diagnostics[0]?.primary.span.file ?? "";
    assert.match(file, /^--set web\./);
    assert.match(front.text(file) ?? "", setting.slice(setting.indexOf("=") + 1));
    assert.is(front.ir, undefined);
  });
}

test("what is not of the form STACK.OPTION=VALUE is refused", () => {
  for (const text of ["checksum=trust", "web.checksum", "web.checksum=", "=", "web.=x"]) {
    assert.match(faultOf(text), /^MBX8015/, text);
  }
});

test("a stack that there is not is refused with the one that was meant", () => {
  assert.match(faultOf("wbe.checksum=trust"), /^MBX8016: .*; .*`web`/);
});

test("an option set twice is refused", () => {
  assert.match(faultOf("web.checksum=trust", "web.checksum=verify"), /^MBX8006/);
});

test.run();
