/** Code on the pages is what the repository has. */
import { existsSync, readdirSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type CodeBlock, codeBlocks, ROOT, readPage } from "./support.ts";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(new URL("docs/", ROOT), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

const namesFile = ({ label }: CodeBlock): boolean => /^[\w./-]+\.\w+$/.test(label) && label.includes("/");

for (const page of pages) {
  for (const { label, text } of codeBlocks(readPage(page)).filter(namesFile)) {
    test(`${page} shows ${label} as it is`, () => {
      assert.ok(readPage(label).includes(text), `${label} does not contain:\n${text}`);
    });
  }

  test(`${page} links to files that exist`, () => {
    const targets = [...readPage(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      ([, target = ""]) => target,
    );
    const missing = targets
      .filter((target) => !/^\w+:/.test(target))
      .filter((target) => !existsSync(new URL(target, new URL(page, ROOT))));
    assert.equal(missing, []);
  });
}

test("the README shows the sample's chain whole", () => {
  const shown = codeBlocks(readPage("README.md")).find(({ language }) => language === "mbx");
  assert.is(shown?.text, readPage("samples/ids/ids.mbx"));
});

test.run();
