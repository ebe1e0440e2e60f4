/** MBX2017 to MBX2020: what `reads` and `writes` name. */
import type { BoundAccess, NfBody, NfSymbol } from "../bind/model.ts";
import { dotted } from "../bind/nfs.ts";
import type { FieldDef } from "../catalog/types.ts";
import type { CheckContext, NfRule } from "./context.ts";
import { type EventFacts, heardBy, isOtherTransport, lackedBy } from "./facts.ts";

type List = "reads" | "writes";

export const accessesHaveSense: NfRule = (nf, body, context) => {
  checkList(nf, body, "reads", context);
  checkList(nf, body, "writes", context);
};

function checkList(nf: NfSymbol, body: NfBody, list: List, context: CheckContext): void {
  const seen = new Set<string>();
  for (const access of body[list]) {
    const name = dotted(access.ref);
    if (seen.has(name)) context.report("MBX2017", access.ref.span, { list, name });
    else if (access.field !== undefined) checkAccess(nf, body, list, access, access.field, context);
    seen.add(name);
  }
}

function checkAccess(
  nf: NfSymbol,
  body: NfBody,
  list: List,
  { ref }: BoundAccess,
  field: FieldDef,
  { report }: CheckContext,
): void {
  const { name } = field;
  if (!(list === "reads" ? field.readable : field.writable)) {
    const reason = field.eitherEnd
      ? "it stands for either end of a flow"
      : `it can be ${list === "reads" ? "tested" : "read"} only`;
    report("MBX2019", ref.span, { name, list, reason });
    return;
  }
  const { facts, complete } = heardBy(body);
  if (!complete || facts.length === 0 || facts.some((one) => has(field, one))) return;
  const lacks = facts.every((one) => lackedBy(field, one) !== undefined)
    ? `a ${field.of}`
    : `a ${(field.header ?? "").toUpperCase()} header`;
  // A write where no packet can be is MBX4003's to say.
  if (list === "writes" && facts.every((one) => one.packet === "never")) return;
  report("MBX2020", ref.span, { name, list, nf: nf.name, lacks });
}

function has(field: FieldDef, facts: EventFacts): boolean {
  return lackedBy(field, facts) === undefined && !isOtherTransport(field, facts);
}
