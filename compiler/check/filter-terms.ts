/**
 * A filter as alternatives, each a set of values for some fields: enough to see
 * that one can never hold, and that two hold for the same packet. What cannot
 * be expressed so makes an alternative inexact: it may then hold for less.
 */
import { catalogField } from "../catalog/lookup.ts";
import { typeOfBuiltin } from "../ir/builtin.ts";
import type { FilterIr, FilterRef, LiteralIr, TypeIr } from "../ir/ir.ts";
import type { CompareOperator } from "../syntax/ast.ts";
import {
  intersection,
  normalized,
  rangeOf,
  rangeOfVersion,
  sampleOf,
  satisfying,
  universeOf,
  type ValueSet,
} from "./value-sets.ts";

export interface Term {
  /** Whether it says all that the filter says. */
  readonly exact: boolean;
  readonly values: ReadonlyMap<string, ValueSet>;
}

/** Beyond this many alternatives nothing is decided. */
const TERM_LIMIT = 64;

const anything: Term = { exact: true, values: new Map() };
const undecided: readonly Term[] = [{ exact: false, values: new Map() }];

/** Undefined where there are too many alternatives. */
export function termsOf(filter: FilterIr | undefined): readonly Term[] | undefined {
  if (filter === undefined) return [anything];
  switch (filter.kind) {
    case "or": {
      const terms: Term[] = [];
      for (const operand of filter.operands) {
        const more = termsOf(operand);
        if (more === undefined || terms.length + more.length > TERM_LIMIT) return undefined;
        terms.push(...more);
      }
      return terms;
    }
    case "and": {
      let terms: readonly Term[] = [anything];
      for (const operand of filter.operands) {
        const more = termsOf(operand);
        if (more === undefined || terms.length * more.length > TERM_LIMIT) return undefined;
        terms = terms.flatMap((term) => more.map((other) => bothTerms(term, other)));
      }
      return terms;
    }
    case "not":
    case "compare-refs":
      return undecided;
    case "compare":
      return [constrain(filter.left, filter.operator, [filter.right])];
    case "in":
      return [constrain(filter.left, "==", filter.values)];
    case "truth":
      return [constrain(filter.ref, "==", [{ kind: "bool", value: true }])];
  }
}

function constrain(ref: FilterRef, operator: CompareOperator, literals: readonly LiteralIr[]): Term {
  const type = typeOfRef(ref);
  const universe = type === undefined ? undefined : universeOf(type);
  const ranges = literals.map(rangeOf).filter((range) => range !== undefined);
  const values = new Map<string, ValueSet>();
  const exact = universe !== undefined && ranges.length === literals.length;
  if (exact) {
    const sets = ranges.flatMap((range) => satisfying(operator, range, universe));
    values.set(keyOf(ref), normalized(sets));
  }
  addImplied(values, ref);
  return { exact, values };
}

function typeOfRef(ref: FilterRef): TypeIr | undefined {
  if (ref.kind === "event") return ref.type;
  const field = catalogField(ref.field);
  return field === undefined ? undefined : typeOfBuiltin(field.type);
}

/** Own fields of an event cannot be mistaken for the catalog's. */
function keyOf(ref: FilterRef): string {
  return ref.kind === "event" ? `event ${ref.name}` : ref.field;
}

const protocols: Readonly<Record<string, readonly bigint[]>> = { tcp: [6n], udp: [17n], icmp: [1n, 58n] };

/** A header means its protocol; an address means its version. */
function addImplied(values: Map<string, ValueSet>, ref: FilterRef): void {
  if (ref.kind === "event") return;
  const header = catalogField(ref.field)?.header ?? "";
  const numbers = protocols[header];
  if (numbers !== undefined) {
    values.set("ip.proto", normalized(numbers.map((number) => ({ low: number, high: number }))));
  }
  const addresses = header === "ip" ? values.get(ref.field) : undefined;
  if (addresses === undefined || catalogField(ref.field)?.type !== "ip") return;
  for (const version of [4, 6] as const) {
    if (intersection(addresses, [rangeOfVersion(version)]).length > 0) continue;
    const other = version === 4 ? 6n : 4n;
    values.set("ip.version", [{ low: other, high: other }]);
  }
}

function isEitherEnd(key: string): boolean {
  return catalogField(key)?.eitherEnd ?? false;
}

/** Two conditions on either end may be met by one end each, so they are not joined. */
function bothTerms(a: Term, b: Term): Term {
  const values = new Map(a.values);
  let exact = a.exact && b.exact;
  for (const [key, set] of b.values) {
    const before = values.get(key);
    if (before === undefined) values.set(key, set);
    else if (!isEitherEnd(key)) values.set(key, intersection(before, set));
    else if (intersection(before, set).length === 0) exact = false;
    else values.set(key, intersection(before, set));
  }
  return { exact, values };
}

/** Why nothing satisfies the filter, or undefined where something may. */
export function whyNever(filter: FilterIr): string | undefined {
  const terms = termsOf(filter);
  if (terms === undefined || terms.length === 0) return undefined;
  const empty = terms.map(emptyField);
  const [first] = empty;
  if (first === undefined || empty.some((field) => field === undefined)) return undefined;
  if (first === "ip.proto" && terms.length === 1) return "no packet has both protocols";
  return `no value of \`${first.replace(/^event /, "")}\` fits`;
}

function emptyField(term: Term): string | undefined {
  for (const [key, set] of term.values) if (set.length === 0) return key;
  return undefined;
}

const ends: readonly (readonly [string, string])[] = [
  ["tcp.port", "tcp.sport"],
  ["tcp.port", "tcp.dport"],
  ["udp.port", "udp.sport"],
  ["udp.port", "udp.dport"],
  ["ip.addr", "ip.src"],
  ["ip.addr", "ip.dst"],
];

/**
 * An example of what both filters take, or undefined where there is none, or
 * where it cannot be decided. Conditions on either end count as met together
 * only when one end meets both: `tcp.port == 80` and `tcp.port == 443` share
 * just a packet between these two ports, which nobody means.
 */
export function commonExample(a: FilterIr | undefined, b: FilterIr | undefined): string | undefined {
  const left = termsOf(a);
  const right = termsOf(b);
  if (left === undefined || right === undefined) return undefined;
  for (const one of left) {
    for (const other of right) {
      const example = one.exact && other.exact ? termExample(one, other) : undefined;
      if (example !== undefined) return example;
    }
  }
  return undefined;
}

function termExample(a: Term, b: Term): string | undefined {
  const shared = new Map(a.values);
  for (const [key, set] of b.values) {
    const before = shared.get(key);
    shared.set(key, before === undefined ? set : intersection(before, set));
  }
  for (const set of shared.values()) if (set.length === 0) return undefined;
  if (!endsMeet(a, b) || !endsMeet(b, a)) return undefined;
  const stated = [...shared].filter(([key]) => !isImplied(key, shared));
  if (stated.length === 0) return "every packet";
  const inBoth = stated.filter(([key]) => a.values.has(key) && b.values.has(key));
  return (inBoth.length > 0 ? inBoth : stated)
    .map(([key, set]) => `\`${key} == ${sampleOf(set, catalogField(key)?.type === "ip")}\``)
    .join(" and ");
}

function isImplied(key: string, values: ReadonlyMap<string, ValueSet>): boolean {
  if (key === "ip.proto") return [...values.keys()].some((one) => /^(?:tcp|udp|icmp)\./.test(one));
  return key === "ip.version" && [...values.keys()].some((one) => /^ip\.(?:src|dst|addr)$/.test(one));
}

/** Where one says "either end" and the other names an end, that end must meet it. */
function endsMeet(either: Term, named: Term): boolean {
  return ["tcp.port", "udp.port", "ip.addr"].every((key) => {
    const wanted = either.values.get(key);
    const given = ends.flatMap(([pair, end]) => (pair === key ? (named.values.get(end) ?? []) : []));
    if (wanted === undefined || given.length === 0) return true;
    return intersection(wanted, normalized(given)).length > 0;
  });
}
