/** The checked-in grammar for editors is the one that the tokens make. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { textmateGrammar } from "../../grammar/textmate.ts";
import { chainWords, clauseWords, declarationWords, nfWords } from "../../grammar/tokens.ts";

const written = readFileSync(new URL("../../grammar/mbx.tmLanguage.json", import.meta.url), "utf8");

interface Rule {
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
}

function isGrammar(value: unknown): value is { readonly patterns: readonly Rule[] } {
  return typeof value === "object" && value !== null && "patterns" in value && Array.isArray(value.patterns);
}

test("mbx.tmLanguage.json is up to date: run `npx tsx grammar/textmate.ts`", () => {
  assert.equal(JSON.parse(written), JSON.parse(textmateGrammar()));
});

test("every word of the language is coloured", () => {
  for (const word of [declarationWords, nfWords, chainWords, clauseWords].flatMap((map) => [...map.keys()])) {
    assert.match(written, new RegExp(`\\b${word}\\b`), `\`${word}\` is in no rule`);
  }
});

test("every rule is a regular expression that takes something", () => {
  const grammar: unknown = JSON.parse(written);
  assert.ok(isGrammar(grammar));
  for (const { match, begin } of grammar.patterns) {
    assert.not(new RegExp(match ?? begin ?? "").test(""), `${match ?? begin} matches nothing`);
  }
});

test.run();
