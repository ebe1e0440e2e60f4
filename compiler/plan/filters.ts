/** Splits a filter into what a flow decides once and what each event decides. */
import { catalogField } from "../catalog/lookup.ts";
import type { FilterIr, FilterRef } from "../ir/ir.ts";

export function conjuncts(filter: FilterIr | undefined): readonly FilterIr[] {
  if (filter === undefined) return [];
  return filter.kind === "and" ? filter.operands.flatMap((operand) => conjuncts(operand)) : [filter];
}

export function filterRefs(filter: FilterIr): readonly FilterRef[] {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.operands.flatMap(filterRefs);
    case "not":
      return filterRefs(filter.operand);
    case "compare":
    case "in":
      return [filter.left];
    case "compare-refs":
      return [filter.left, filter.right];
    case "truth":
      return [filter.ref];
  }
}

/** Whether the test has the same result for every event of a flow. */
export function isFlowConstant(filter: FilterIr): boolean {
  return filterRefs(filter).every(
    (ref) => ref.kind === "catalog" && catalogField(ref.field)?.stage === "flow-constant",
  );
}

/** Directions whose data passes: `dir == client` keeps one. */
export function heardDirections(tests: readonly FilterIr[]): readonly ("client" | "server")[] {
  return (["client", "server"] as const).filter((dir) => tests.every((test) => allowsDirection(test, dir)));
}

function allowsDirection(test: FilterIr, dir: "client" | "server"): boolean {
  if (test.kind === "compare" && isDir(test.left) && test.right.kind === "member") {
    if (test.operator === "==") return test.right.member === dir;
    if (test.operator === "!=") return test.right.member !== dir;
  }
  if (test.kind === "in" && isDir(test.left))
    return test.values.some((value) => value.kind === "member" && value.member === dir);
  return true;
}

export type Transport = "tcp" | "udp" | "icmp";

const protocolNumbers: Readonly<Record<Transport, readonly bigint[]>> = {
  tcp: [6n],
  udp: [17n],
  icmp: [1n, 58n],
};

/** Transports whose flows can pass: `tcp.port == 80` keeps one. */
export function heardTransports(tests: readonly FilterIr[]): readonly Transport[] {
  return (["tcp", "udp", "icmp"] as const).filter((one) => tests.every((test) => allowsTransport(test, one)));
}

/** A comparison on an absent header is false. */
function allowsTransport(test: FilterIr, transport: Transport): boolean {
  if (test.kind !== "compare" && test.kind !== "in") return true;
  if (test.left.kind !== "catalog") return true;
  const header = catalogField(test.left.field)?.header;
  if (header === "tcp" || header === "udp" || header === "icmp") return header === transport;
  if (test.left.field !== "ip.proto" && test.left.field !== "flow.protocol") return true;
  if (test.kind === "compare" && test.operator !== "==") return true;
  const values = test.kind === "in" ? test.values : [test.right];
  return values.some((value) => value.kind === "number" && protocolNumbers[transport].includes(value.value));
}

function isDir(ref: FilterRef): boolean {
  return ref.kind === "event" && ref.name === "dir";
}

/** The bound of `stream.offset < N` among the tests, -1 for none. */
export function offsetBound(tests: readonly FilterIr[]): number {
  const bounds = tests.flatMap((test) => {
    if (test.kind !== "compare" || test.left.kind !== "catalog" || test.left.field !== "stream.offset")
      return [];
    if (test.right.kind !== "number") return [];
    if (test.operator === "<") return [Number(test.right.value)];
    if (test.operator === "<=") return [Number(test.right.value) + 1];
    return [];
  });
  return bounds.length === 0 ? -1 : Math.min(...bounds);
}
