/**
 * The TextMate grammar that editors colour `.mbx` files with, made from the
 * tokens. `npx tsx grammar/textmate.ts` writes `mbx.tmLanguage.json`.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { units } from "./literals.ts";
import * as t from "./tokens.ts";

interface Rule {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly captures?: Readonly<Record<string, { readonly name: string }>>;
  readonly patterns?: readonly Rule[];
}

const types = [
  "bool",
  "u8",
  "u16",
  "u32",
  "u64",
  "i32",
  "i64",
  "ip",
  "mac",
  "time",
  "duration",
  "bytes",
  "text",
];
const declared = new Map([
  ["event", "entity.name.type.event.mbx"],
  ["enum", "entity.name.type.enum.mbx"],
  ["const", "constant.other.mbx"],
  ["stack", "entity.name.type.stack.mbx"],
  ["nf", "entity.name.function.mbx"],
  ["chain", "entity.name.section.mbx"],
]);

function words(list: Iterable<string>): string {
  return `(?:${[...list].join("|")})`;
}

function rules(): readonly Rule[] {
  const members = new Set([...t.nfWords.keys(), ...t.chainWords.keys()]);
  const operators = ["and", "or", "not", "in"];
  const clauses = [...t.clauseWords.keys()].filter((word) => !operators.includes(word));
  const suffixes = [...units.keys()].filter((unit) => unit !== "");
  return [
    { name: "comment.line.documentation.mbx", match: "///(?!/).*$" },
    { name: "comment.line.double-slash.mbx", match: "//.*$" },
    {
      name: "string.quoted.double.mbx",
      begin: '"',
      end: '"|$',
      patterns: [
        { name: "constant.character.escape.mbx", match: "\\\\(?:x[0-9A-Fa-f]{2}|u\\{[0-9A-Fa-f]{1,6}\\}|.)" },
      ],
    },
    ...[...declared].map(
      ([word, name]): Rule => ({
        match: `^\\s*(${word})\\s+([A-Za-z_][A-Za-z0-9_]*)(?=\\s*(?:=|\\{|extends\\b))`,
        captures: { 1: { name: "keyword.declaration.mbx" }, 2: { name } },
      }),
    ),
    { match: "^\\s*(import)\\b", captures: { 1: { name: "keyword.control.import.mbx" } } },
    { match: `^\\s*(${words(members)})\\b(?!\\s*:)`, captures: { 1: { name: "keyword.other.member.mbx" } } },
    { match: "([A-Za-z_][A-Za-z0-9_]*)\\s*:(?!:)", captures: { 1: { name: "variable.other.member.mbx" } } },
    { name: "constant.numeric.address.mbx", match: "\\b[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}\\b" },
    {
      name: "constant.numeric.address.mbx",
      match: "(?<![0-9A-Za-z_:])[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:/[0-9]+)?",
    },
    { name: "constant.numeric.address.mbx", match: "\\b[0-9]+(?:\\.[0-9]+){3}(?:/[0-9]+)?" },
    {
      match: `\\b([0-9][0-9_]*)(${words(suffixes)})?\\b`,
      captures: { 1: { name: "constant.numeric.mbx" }, 2: { name: "keyword.other.unit.mbx" } },
    },
    { name: "keyword.operator.word.mbx", match: `\\b${words(operators)}\\b` },
    { name: "keyword.other.clause.mbx", match: `(?<!\\.)\\b${words(clauses)}\\b(?!\\.)` },
    { name: "storage.type.mbx", match: `\\b${words([...types, "enum"])}\\b(?=\\s*(?:<|\\{|$|[a-z]|//))` },
    { name: "keyword.operator.mbx", match: "<->|->|==|!=|<=|>=|[<>=|]" },
    { name: "punctuation.mbx", match: "[{}(),.:]" },
  ];
}

/** The text of `mbx.tmLanguage.json`. */
export function textmateGrammar(): string {
  const grammar = {
    $schema: "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
    name: "Microboxes",
    scopeName: "source.mbx",
    fileTypes: ["mbx"],
    patterns: rules(),
  };
  return `${JSON.stringify(grammar, null, 2)}\n`;
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] === self) {
  writeFileSync(new URL("./mbx.tmLanguage.json", import.meta.url), textmateGrammar());
}
