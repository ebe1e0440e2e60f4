/** MBX21xx: filters of subscriptions; those of stacks are in `options.check.ts`. */
import { catalogField } from "../catalog/lookup.ts";
import type { Report } from "../diagnostics/report.ts";
import type { FilterIr } from "../ir/ir.ts";
import type { Test } from "../syntax/ast.ts";
import type { NfRule } from "./context.ts";
import { type EventFacts, eventFacts, isOtherTransport, lackedBy } from "./facts.ts";
import { whyNever } from "./filter-terms.ts";
import { typeFilter } from "./filter-typing.ts";

/** Types every `where`, and keeps the result for the IR. */
export const filtersAreTyped: NfRule = (nf, body, context) => {
  for (const { part, event } of body.subscriptions) {
    const facts = event === undefined ? undefined : eventFacts(event);
    if (part.where === undefined || facts === undefined) continue;
    const filter = typeFilter(part.where, {
      what: `a filter of ${facts.name}`,
      owner: facts.name,
      eventFields: facts.fields,
      lacks: (field) => lackedBy(field, facts),
      names: context.program.scopeOf(nf.decl.span.file),
      report: context.report,
    });
    if (filter === undefined) continue;
    context.filters.set(part.where, filter);
    reportNever(part.where, filter, context.report, facts);
  }
};

/** Each alternative of an `or` for itself: one that never holds is a mistake too. */
export function reportNever(test: Test, filter: FilterIr, report: Report, facts?: EventFacts): void {
  if (test.kind === "or" && filter.kind === "or") {
    for (const [index, operand] of test.operands.entries()) {
      const typed = filter.operands[index];
      if (typed !== undefined) reportNever(operand, typed, report, facts);
    }
    return;
  }
  const reason = (facts === undefined ? undefined : wrongTransport(filter, facts)) ?? whyNever(filter);
  if (reason !== undefined) report("MBX2112", test.span, { reason });
}

function wrongTransport(filter: FilterIr, facts: EventFacts): string | undefined {
  switch (filter.kind) {
    case "and":
      return filter.operands
        .map((operand) => wrongTransport(operand, facts))
        .find((one) => one !== undefined);
    case "or":
    case "not":
      return undefined;
    case "compare":
    case "in":
    case "compare-refs":
    case "truth":
      break;
  }
  const refs =
    filter.kind === "truth"
      ? [filter.ref]
      : filter.kind === "compare-refs"
        ? [filter.left, filter.right]
        : [filter.left];
  for (const ref of refs) {
    const field = ref.kind === "catalog" ? catalogField(ref.field) : undefined;
    if (field === undefined || !isOtherTransport(field, facts)) continue;
    return `${facts.name} is about ${(facts.transport ?? "").toUpperCase()}, which has no \`${field.name}\``;
  }
  return undefined;
}
