import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { enums } from "../../compiler/catalog/enums.ts";

/** Members of `enum packet_malformed_reason`, without the count at its end. */
function reasonsOfParser(): readonly string[] {
  const header = readFileSync(new URL("../../runtime/dataplane/packet/packet.h", import.meta.url), "utf8");
  const body = /enum packet_malformed_reason \{([^}]*)\}/.exec(header)?.[1] ?? "";
  return [...body.matchAll(/MALFORMED_(\w+)/g)]
    .map((match) => (match[1] ?? "").toLowerCase())
    .filter((name) => name !== "reasons");
}

test("the catalog's MalformedReason has the parser's reasons, value for value", () => {
  const catalog = enums.find((def) => def.name === "MalformedReason");
  assert.equal(catalog?.members, reasonsOfParser());
});

test.run();
