/** MBX5009, MBX5010: what fits a record, and what fits a stack's buffer. */
import { stackOptions } from "../catalog/lookup.ts";
import { inUnits } from "../catalog/reference.ts";
import type { BuiltinType } from "../catalog/types.ts";
import type { TypeIr } from "../ir/ir.ts";
import { RECORD_LIMIT, recordSize } from "../ir/record.ts";
import type { ChainRule, NfRule, ProgramRule } from "./context.ts";
import { coresOf } from "./cores.check.ts";
import { eventFacts, lackedBy } from "./facts.ts";

export const eventsFitARecord: ProgramRule = ({ program, report }) => {
  for (const event of program.events) {
    const size = recordSize(event.fields.flatMap((field) => (field.ir === undefined ? [] : field.ir.type)));
    if (size <= RECORD_LIMIT) continue;
    report("MBX5009", event.decl.name.span, { what: `event \`${event.name}\``, size, limit: RECORD_LIMIT });
  }
};

/** An event with what its subscriber reads; too large an event has been reported. */
export const messagesFitARecord: NfRule = (nf, body, { report }) => {
  for (const { part, event } of body.subscriptions) {
    const facts = event === undefined ? undefined : eventFacts(event);
    if (facts === undefined) continue;
    const own: readonly (TypeIr | BuiltinType)[] = facts.fields.map((field) => field.type);
    if (recordSize(own) > RECORD_LIMIT) continue;
    const reads = new Map(
      body.reads.flatMap(({ field }) =>
        field === undefined || lackedBy(field, facts) ? [] : [[field.name, field.type]],
      ),
    );
    const size = recordSize([...own, ...reads.values()]);
    if (size <= RECORD_LIMIT) continue;
    const what = `${facts.name} with what \`${nf.name}\` reads`;
    report("MBX5009", part.event.span, { what, size, limit: RECORD_LIMIT });
  }
};

export const startFitsTheBuffer: ChainRule = (chain, context) => {
  const { stack } = chain;
  const { report, optionValues } = context;
  if (stack?.def === undefined) return;
  const option = stackOptions(stack.def.kind).find((one) => one.name === "buffer");
  const written = stack.options.find((one) => one.name.text === "buffer");
  const whole = written === undefined ? option?.default : optionValues.get(written);
  if (typeof whole !== "number") return;
  const buffer = Math.ceil(whole / coresOf(stack, context));
  for (const { nf } of chain.steps) {
    for (const { part, event } of nf?.body?.subscriptions ?? []) {
      if (part.fromStart === undefined || event?.kind !== "builtin" || event.def.level !== "stream") continue;
      if (part.fromStart.value <= BigInt(buffer)) continue;
      const params = {
        asked: part.fromStart.text,
        what: `\`${stack.name}\``,
        limit: inUnits(buffer, "size"),
      };
      report("MBX5010", part.fromStart.span, params, {
        ...(written === undefined ? {} : { secondary: [{ span: written.span, text: "the buffer" }] }),
      });
    }
  }
};
