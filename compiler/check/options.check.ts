/** MBX5001 to MBX5006, MBX5011, MBX5013, MBX5014: the options of stacks, and their values. */
import type { Scope, StackSymbol } from "../bind/model.ts";
import { stackOptions } from "../catalog/lookup.ts";
import { options as catalogOptions } from "../catalog/options.ts";
import { inUnits } from "../catalog/reference.ts";
import type { FieldDef, OptionDef, StackDef } from "../catalog/types.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { FilterIr, LiteralIr, OptionValue } from "../ir/ir.ts";
import type { NumberLiteral, Operand, Span, StackOption, Test } from "../syntax/ast.ts";
import type { CheckContext, StackRule } from "./context.ts";
import { operandText } from "./describe.ts";
import { typeFilter } from "./filter-typing.ts";
import { reportNever } from "./filters.check.ts";

export const optionsAreKnown: StackRule = (stack, context) => {
  const { def } = stack;
  if (def === undefined) return;
  const known = stackOptions(def.kind);
  const first = new Map<string, StackOption>();
  for (const option of stack.options) {
    const optionDef = known.find((one) => one.name === option.name.text);
    const previous = first.get(option.name.text);
    if (optionDef === undefined) {
      reportUnknownOption(option, def, known, context);
    } else if (previous !== undefined) {
      context.report(
        "MBX5005",
        option.name.span,
        { option: option.name.text },
        {
          secondary: [{ span: previous.name.span, text: "set first here" }],
        },
      );
    } else {
      first.set(option.name.text, option);
      checkValue(stack, option, optionDef, def, context);
    }
  }
  reportMissing(stack, def, known, first, context);
};

function reportUnknownOption(
  option: StackOption,
  def: StackDef,
  known: readonly OptionDef[],
  { report }: CheckContext,
): void {
  const elsewhere = catalogOptions.find((one) => one.name === option.name.text)?.stacks ?? [];
  const near = nearest(
    option.name.text,
    known.map((one) => one.name),
  );
  const suggest = near !== undefined && elsewhere.length === 0;
  report(
    "MBX5001",
    option.name.span,
    { option: option.name.text, kind: def.kind, elsewhere },
    {
      ...(suggest
        ? { help: { message: `\`${near}\` has a similar name`, fix: { span: option.name.span, text: near } } }
        : { notes: [`options of ${def.kind}: ${known.map((one) => `\`${one.name}\``).join(", ")}`] }),
    },
  );
}

function reportMissing(
  stack: StackSymbol,
  def: StackDef,
  known: readonly OptionDef[],
  given: ReadonlyMap<string, StackOption>,
  { program, report }: CheckContext,
): void {
  if (program.files.some((file) => file.broken.has(stack.decl))) return;
  for (const option of known) {
    if (option.required !== true || given.has(option.name)) continue;
    report("MBX5006", stack.decl.name.span, { option: option.name, stack: stack.name, kind: def.kind });
  }
}

function checkValue(
  stack: StackSymbol,
  option: StackOption,
  optionDef: OptionDef,
  def: StackDef,
  context: CheckContext,
): void {
  const { value } = optionDef;
  const names = context.program.scopeOf(stack.decl.span.file);
  if (value.kind === "filter") {
    if (option.value.kind !== "set") checkMatch(option.value, def, names, context);
    else
      context.report("MBX5003", option.value.span, { option: optionDef.name, expected: expectation(value) });
    return;
  }
  if (value.kind === "words") {
    const words = wordsOf(option, value, context);
    if (words !== undefined) context.optionValues.set(option, words);
    return;
  }
  const operand = option.value.kind === "operand" ? option.value.operand : undefined;
  const expected = expectation(value);
  const wrong = (): undefined => {
    context.report("MBX5003", option.value.span, { option: optionDef.name, expected });
  };
  const found = operand === undefined ? wrong() : optionValue(operand, optionDef, names, context, wrong);
  if (found !== undefined) context.optionValues.set(option, found);
}

function expectation(value: OptionDef["value"]): string {
  switch (value.kind) {
    case "filter":
      return "a filter";
    case "word":
      return value.words.map((word) => `\`${word}\``).join(" or ");
    case "words":
      return `one or more of ${value.words.map((word) => `\`${word}\``).join(", ")} in braces, \`${value.none}\` or \`${value.all}\``;
    case "count":
      return "a number without unit";
    case "size":
      return "a size, such as `64MB`";
    case "duration":
      return "a duration, such as `60s`";
    case "addresses":
      return "an address, or a constant with addresses";
    case "ports":
      return "a port, or a constant with ports";
  }
}

function optionValue(
  operand: Operand,
  option: OptionDef,
  names: Scope,
  context: CheckContext,
  wrong: () => undefined,
): OptionValue | undefined {
  const { value } = option;
  if (value.kind === "word") return wordOf(operand, option.name, value.words, context, wrong);
  const literals = literalsOf(operand, names);
  if (literals === "poisoned") return undefined;
  if (literals === undefined) return wrong();
  switch (value.kind) {
    case "filter":
    case "words":
      return undefined;
    case "count":
    case "size":
    case "duration": {
      const [only] = literals;
      if (only === undefined || literals.length > 1 || only.literal.kind !== "number") return wrong();
      if (!isUnitOf(value.kind, only.unit, only.literal.value)) return wrong();
      const number = only.literal.value;
      if (number >= BigInt(value.min) && number <= BigInt(value.max)) return Number(number);
      const [min, max] = [value.min, value.max].map((bound) => inUnits(bound, value.kind));
      const params = { option: option.name, value: operandText(operand), min: min ?? "", max: max ?? "" };
      context.report("MBX5002", operand.span, params);
      return undefined;
    }
    case "addresses":
      return literals.every((one) => one.literal.kind === "ip")
        ? literals.map((one) => one.literal)
        : wrong();
    case "ports":
      return literals.every((one) => isPort(one.literal) && one.unit === "none")
        ? literals.map((one) => one.literal)
        : wrong();
  }
}

function isPort(literal: LiteralIr): boolean {
  return literal.kind === "number" && literal.value >= 1n && literal.value <= 65_535n;
}

function isUnitOf(kind: "count" | "size" | "duration", unit: NumberLiteral["unit"], value: bigint): boolean {
  switch (kind) {
    case "count":
      return unit === "none";
    case "size":
      return unit === "bytes" || value === 0n;
    case "duration":
      return unit === "duration";
  }
}

function wordOf(
  operand: Operand,
  option: string,
  words: readonly string[],
  { report }: CheckContext,
  wrong: () => undefined,
): string | undefined {
  if (operand.kind !== "ref" || operand.names.length !== 1) return wrong();
  const word = operandText(operand);
  if (words.includes(word)) return word;
  const near = nearest(word, words);
  report(
    "MBX5004",
    operand.span,
    { option, word, words },
    {
      ...(near === undefined
        ? {}
        : { help: { message: `\`${near}\` has a similar name`, fix: { span: operand.span, text: near } } }),
    },
  );
  return undefined;
}

type WordsValue = Extract<OptionDef["value"], { readonly kind: "words" }>;

/** The words of a set in the catalog's order; `none` is the empty set, `all` the full one. */
function wordsOf(
  option: StackOption,
  value: WordsValue,
  context: CheckContext,
): readonly string[] | undefined {
  const expected = expectation(value);
  const wrong = (span: Span) => (): undefined => {
    context.report("MBX5003", span, { option: option.name.text, expected });
  };
  const operands = operandsOf(option.value);
  if (operands === undefined) return wrong(option.value.span)();
  const known = [value.none, ...value.words, value.all];
  const found = new Map<string, Operand>();
  let right = true;
  for (const operand of operands) {
    const word = wordOf(operand, option.name.text, known, context, wrong(operand.span));
    const before = word === undefined ? undefined : found.get(word);
    right &&= word !== undefined && before === undefined;
    if (before !== undefined) {
      context.report(
        "MBX5013",
        operand.span,
        { option: option.name.text, word: operandText(operand) },
        { secondary: [{ span: before.span, text: "named first here" }] },
      );
    } else if (word !== undefined) {
      found.set(word, operand);
    }
  }
  if (!right) return undefined;
  return alone(option, value, found, context);
}

function operandsOf(value: StackOption["value"]): readonly Operand[] | undefined {
  if (value.kind === "set") return value.items;
  return value.kind === "operand" ? [value.operand] : undefined;
}

function alone(
  option: StackOption,
  value: WordsValue,
  found: ReadonlyMap<string, Operand>,
  { report }: CheckContext,
): readonly string[] | undefined {
  for (const word of [value.none, value.all]) {
    const operand = found.get(word);
    if (operand === undefined) continue;
    if (found.size === 1) return word === value.all ? value.words : [];
    report("MBX5014", operand.span, { option: option.name.text, word });
    return undefined;
  }
  return value.words.filter((word) => found.has(word));
}

interface Literals {
  readonly literal: LiteralIr;
  readonly unit: NumberLiteral["unit"];
}

function literalsOf(operand: Operand, names: Scope): readonly Literals[] | "poisoned" | undefined {
  switch (operand.kind) {
    case "number":
      return [{ literal: { kind: "number", value: operand.value }, unit: operand.unit }];
    case "ip": {
      const prefix = operand.prefix ?? operand.bytes.length * 8;
      return [
        { literal: { kind: "ip", version: operand.version, bytes: operand.bytes, prefix }, unit: "none" },
      ];
    }
    case "string":
    case "mac":
      return undefined;
    case "ref":
      break;
  }
  const constant = operand.names.length === 1 ? names.constant(operandText(operand)) : undefined;
  if (constant === undefined) return undefined;
  if (constant.value === undefined) return "poisoned";
  return "literal" in constant.value ? [constant.value] : constant.value;
}

/** `match` is decided by headers alone, before there is a flow. */
function checkMatch(test: Test, def: StackDef, names: Scope, context: CheckContext): void {
  const filter = typeFilter(test, {
    what: "`match`",
    owner: "a packet that no stack has taken yet",
    eventFields: [],
    lacks: (field: FieldDef) => (field.of === "packet" ? undefined : field.of),
    names,
    report: context.report,
  });
  if (filter === undefined) return;
  context.filters.set(test, filter);
  reportNever(test, filter, context.report);
  const field = def.flows ? oneSided(filter) : undefined;
  if (field === undefined) return;
  const either = field.startsWith("ip.") ? "ip.addr" : `${field.slice(0, 3)}.port`;
  context.report("MBX5011", test.span, { field }, { help: { message: `\`${either}\` is either end` } });
}

const oneEnd = new Set(["tcp.sport", "tcp.dport", "udp.sport", "udp.dport", "ip.src", "ip.dst"]);

/**
 * A field of one direction that the filter rests on. Where both ends are named,
 * as in `ip.src in NET or ip.dst in NET`, the author has thought of it.
 */
function oneSided(filter: FilterIr): string | undefined {
  const named = [...endsIn(filter)];
  return named.find((field) => !named.includes(otherEnd(field)));
}

function otherEnd(field: string): string {
  if (field === "ip.src") return "ip.dst";
  if (field === "ip.dst") return "ip.src";
  return field.endsWith("sport") ? field.replace("sport", "dport") : field.replace("dport", "sport");
}

function endsIn(filter: FilterIr): ReadonlySet<string> {
  switch (filter.kind) {
    case "and":
    case "or":
      return new Set(filter.operands.flatMap((operand) => [...endsIn(operand)]));
    case "not":
      return endsIn(filter.operand);
    case "compare":
    case "in":
    case "compare-refs":
    case "truth": {
      const ref = filter.kind === "truth" ? filter.ref : filter.left;
      return new Set(ref.kind === "catalog" && oneEnd.has(ref.field) ? [ref.field] : []);
    }
  }
}
