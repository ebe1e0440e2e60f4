/** What the checker calls "a name of the library" is what the headers of the library declare. */
import { existsSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { libraryConstants, libraryTags } from "../../compiler/check/library-names.ts";
import { codesOf, nf } from "./sources.ts";

const folder = new URL("../../runtime/dataplane/", import.meta.url);

/** What the templates of generated C include, and so on from there. */
const included = [
  ...["lcore/program.h", "lcore/publish.h", "memory/stash.h", "event/handler.h", "packet/write.h", "nf.h"],
  ...["flow/field.h", "packet/field.h", "tcp/reassembly.h", "tcp/track.h", "stack/monitor.h", "stack/l3.h"],
];

function reach(paths: readonly string[]): readonly string[] {
  const texts = new Map<string, string>();
  const todo = paths.map((path) => new URL(path, folder));
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (texts.has(next.href)) continue;
    const text = readFileSync(next, "utf8");
    texts.set(next.href, text);
    for (const [, path = ""] of text.matchAll(/^#include "([^"]+)"/gm)) {
      const beside = new URL(path, next);
      todo.push(existsSync(beside) ? beside : new URL(path, folder));
    }
  }
  return [...texts.values()];
}

const headers = reach(included);

function declared(pattern: RegExp): readonly string[] {
  const names = headers.flatMap((text) =>
    [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? ""),
  );
  return [...new Set(names)].filter((name) => !/^(?:mbx|rte)_/i.test(name)).sort();
}

/** In the headers and not in the list, and the other way round. */
function differences(names: readonly string[], listed: ReadonlySet<string>) {
  return {
    missing: names.filter((name) => !listed.has(name)),
    gone: [...listed].filter((name) => !names.includes(name)),
  };
}

test("structures in compiler/check/library-names.ts are those of the library", () => {
  const tags = declared(/^(?:struct|enum|union) ([a-z_0-9]+)(?: \{|;)/gm);
  assert.equal(differences(tags, libraryTags), { missing: [], gone: [] });
});

test("macros and members in compiler/check/library-names.ts are those of the library", () => {
  const constants = declared(/^(?:#define ([A-Z][A-Z_0-9]+)|\t([A-Z][A-Z0-9_]+)(?: =|,))/gm);
  assert.equal(
    differences(
      constants.filter((name) => name !== ""),
      libraryConstants,
    ),
    { missing: [], gone: [] },
  );
});

test("a name of the stub is refused in a handler in TypeScript and free in one in C", () => {
  const source = (name: string): string => nf(name, "subscribe FLOW_END -> end");
  const inC = ["await", "delete", "Context", "FlowView", "Uint8Array"].flatMap((name) =>
    codesOf(source(name)),
  );
  assert.equal(inC, []);
  for (const name of ["await", "delete", "Context", "FlowView", "Uint8Array"]) {
    const text = source(name).replace(`${name}.c`, `${name}.ts`);
    assert.equal(codesOf(text), ["MBX6007", "MBX6007"], name);
  }
});

test("what messages have, and what compilers define, is free as the name of a field", () => {
  for (const name of ["head", "linux", "unix"]) {
    const source = `event FOUND extends FLOW_TCP { ${name}: u32 }\n`;
    const publisher = nf("watch", "subscribe FLOW_END", "publish FOUND");
    assert.equal(codesOf(source + publisher).includes("MBX6007"), true, name);
  }
  for (const name of ["linux", "unix"])
    assert.equal(
      codesOf(nf("watch", "subscribe FLOW_END", `state flow { ${name}: u32 }`)),
      ["MBX6007"],
      name,
    );
});

test.run();
