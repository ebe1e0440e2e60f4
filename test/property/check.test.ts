/** Programs with tokens lost, doubled, swapped or put in: checking never throws and always says the same. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { codes, explanationOf } from "../../compiler/diagnostics/registry.ts";
import { programOf, ROOT } from "../check/sources.ts";

const examples = ["ids", "l4", "l7"].map((name) =>
  readFileSync(new URL(`../check/${name}.mbx`, import.meta.url), "utf8"),
);

/** The language's examples, and every program of `mbx explain`, right and wrong. */
const samples: readonly string[] = [
  ...examples,
  ...codes
    .filter((code) => /^MBX[2-6]/.test(code))
    .flatMap((code) => [explanationOf(code).failing, explanationOf(code).repair])
    .filter((text) => text.length < 2000),
];

const tokenPattern = /\s+|\/\/[^\n]*|"[^"\n]*"|[\w.:/]+|->|<->|[=!<>]=|./g;
const tokensOf = (text: string): readonly string[] => text.match(tokenPattern) ?? [];
const allTokens = [...new Set(samples.flatMap(tokensOf))];

type Mutation =
  | { readonly kind: "delete" | "double"; readonly at: number }
  | { readonly kind: "swap"; readonly at: number; readonly to: number }
  | { readonly kind: "insert" | "replace"; readonly at: number; readonly token: string };

const place = fc.nat({ max: 1000 });
const token = fc.constantFrom(...allTokens);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constantFrom("delete" as const, "double" as const), at: place }),
  fc.record({ kind: fc.constant("swap" as const), at: place, to: place }),
  fc.record({ kind: fc.constantFrom("insert" as const, "replace" as const), at: place, token }),
);

function mutate(text: string, mutations: readonly Mutation[]): string {
  const tokens = [...tokensOf(text)];
  for (const one of mutations) {
    const at = one.at % Math.max(1, tokens.length);
    switch (one.kind) {
      case "delete":
        tokens.splice(at, 1);
        break;
      case "double":
        tokens.splice(at, 0, tokens[at] ?? "");
        break;
      case "insert":
        tokens.splice(at, 0, one.token);
        break;
      case "replace":
        tokens[at] = one.token;
        break;
      case "swap": {
        const to = one.to % Math.max(1, tokens.length);
        [tokens[at], tokens[to]] = [tokens[to] ?? "", tokens[at] ?? ""];
        break;
      }
    }
  }
  return tokens.join("");
}

const mutated = fc
  .tuple(fc.constantFrom(...samples), fc.array(mutation, { minLength: 1, maxLength: 8 }))
  .map(([text, mutations]) => mutate(text, mutations));

/** Everything that the program says of a text, or what it threw. */
function everything(text: string): string {
  const program = programOf(text);
  const plain = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);
  return JSON.stringify([program.check(), program.check("build"), program.ir(ROOT)], plain);
}

test("a mutated program is checked without an exception, and twice alike", () => {
  fc.assert(
    fc.property(mutated, (text) => {
      assert.is(everything(text), everything(text));
    }),
    { numRuns: 1500 },
  );
});

test("every span of a diagnostic lies in its file", () => {
  fc.assert(
    fc.property(mutated, (text) => {
      for (const { primary, secondary, help } of programOf(text).check()) {
        const spans = [
          primary.span,
          ...secondary.map((label) => label.span),
          ...(help?.fix ? [help.fix.span] : []),
        ];
        for (const span of spans) {
          assert.is(span.file, ROOT);
          assert.ok(
            span.start >= 0 && span.start <= span.end && span.end <= text.length,
            JSON.stringify(span),
          );
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("a program without errors has an IR", () => {
  fc.assert(
    fc.property(mutated, (text) => {
      const program = programOf(text);
      const failed = program.check().some((one) => one.severity === "error");
      // Imports of the explained programs are not given here.
      assert.is(program.ir(ROOT) === undefined, failed);
    }),
    { numRuns: 500 },
  );
});

test.run();
