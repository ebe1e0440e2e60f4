// What chevrotain would validate at each start is validated here.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { validateTokens } from "../../grammar/lexer.ts";
import { validateGrammar } from "../../grammar/parser.ts";

test("tokens are valid, and each can match", () => {
  assert.not.throws(validateTokens);
});

test("the grammar is LL(1), and refers to nothing that it has not", () => {
  assert.not.throws(validateGrammar);
});

test.run();
