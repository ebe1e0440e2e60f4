/** MBX3001 to MBX3006, MBX3016, MBX3017: who raises what is heard, in a chain and in the program. */
import type { ChainSymbol, EventSymbol, StackSymbol } from "../bind/model.ts";
import { eventLineage } from "../catalog/lookup.ts";
import { stacks as catalogStacks } from "../catalog/stacks.ts";
import type { EventDef } from "../catalog/types.ts";
import type { Label } from "../diagnostics/diagnostic.ts";
import type { ReportDetails } from "../diagnostics/report.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Name } from "../syntax/ast.ts";
import type { ChainRule, CheckContext, ProgramRule } from "./context.ts";
import { relation, type Step, stepsOf } from "./path-order.ts";

export const heardEventsAreRaised: ChainRule = (chain, context) => {
  if (chain.path === undefined || chain.poisoned) return;
  const steps = stepsOf(chain.path);
  const publishers = publishersOf(steps);
  for (const step of steps) {
    for (const { part, event } of step.nf.body?.subscriptions ?? []) {
      if (event?.kind !== "user") continue;
      const candidates = publishers.get(event.event.name) ?? [];
      if (candidates.some((one) => relation(one, step) === "before")) continue;
      reportNotRaised(
        chain,
        step,
        part.event,
        candidates,
        [...publishers.keys()],
        context,
        event.event.decl.name,
      );
    }
  }
};

/** By event: who publishes it or an event below it, which is heard as it too. */
function publishersOf(steps: readonly Step[]): ReadonlyMap<string, readonly Step[]> {
  const publishers = new Map<string, Step[]>();
  for (const step of steps) {
    for (const { event } of step.nf.body?.publishes ?? []) {
      for (const name of event === undefined ? [] : userLineage(event)) {
        const known = publishers.get(name);
        if (known === undefined) publishers.set(name, [step]);
        else known.push(step);
      }
    }
  }
  return publishers;
}

/** The event and the user events that it extends. */
function userLineage(event: EventSymbol): readonly string[] {
  const names: string[] = [];
  for (let one: EventSymbol | undefined = event; one !== undefined; ) {
    names.push(one.name);
    one = one.parent?.kind === "user" ? one.parent.event : undefined;
  }
  return names;
}

/** The same, with the built-in events above them. */
function fullLineage(event: EventSymbol): readonly string[] {
  const base = event.base === undefined ? [] : eventLineage(event.base.name).map((def) => def.name);
  return [...userLineage(event), ...base];
}

function reportNotRaised(
  chain: ChainSymbol,
  step: Step,
  event: Name,
  candidates: readonly Step[],
  published: readonly string[],
  { report, suggested, program }: CheckContext,
  declared: Name,
): void {
  const params = { event: event.text, nf: step.nf.name, chain: chain.name };
  const at = (kind: string): Step | undefined => candidates.find((one) => relation(one, step) === kind);
  const later = at("after");
  const parallel = at("parallel");
  if (later !== undefined) {
    report(
      "MBX3002",
      event.span,
      { ...params, publisher: later.nf.name },
      {
        secondary: [{ span: later.name.span, text: "raised from here on" }],
        help: { message: `put \`${later.nf.name}\` before \`${step.nf.name}\` in the path` },
      },
    );
  } else if (parallel !== undefined) {
    report(
      "MBX3003",
      event.span,
      { ...params, publisher: parallel.nf.name },
      {
        secondary: [{ span: parallel.name.span, text: "raised here, in parallel" }],
        help: { message: `write \`${parallel.nf.name} -> ${step.nf.name}\`` },
      },
    );
  } else if (candidates.length > 0) {
    report("MBX3004", event.span, params);
  } else {
    const near = nearest(event.text, published);
    if (near !== undefined) suggested.add(near);
    const anywhere = program.nfs.some((nf) =>
      nf.body?.publishes.some((one) => one.event?.name === event.text),
    );
    const by = `no network function${anywhere ? " of this chain" : ""}`;
    const declaration = { span: declared.span, text: `declared here, published by ${by}` };
    report("MBX3001", event.span, params, notPublished(event, declaration, near, chain));
  }
}

function notPublished(
  event: Name,
  declaration: Label,
  near: string | undefined,
  chain: ChainSymbol,
): ReportDetails {
  const secondary = [declaration];
  if (near === undefined) return { secondary };
  const publisher = chain.steps.find(({ nf }) => nf?.body?.publishes.some((one) => one.event?.name === near));
  return {
    secondary,
    help: {
      message: `\`${publisher?.nf?.name ?? ""}\` publishes an event with a similar name: \`${near}\``,
      fix: { span: event.span, text: near },
    },
  };
}

/** MBX3005: the stack raises the built-in events that the chain hears. */
export const stackRaisesWhatIsHeard: ChainRule = (chain, context) => {
  const { stack, path } = chain;
  if (stack?.def === undefined || path === undefined) return;
  for (const step of stepsOf(path)) {
    let missing = false;
    for (const { part, event } of step.nf.body?.subscriptions ?? []) {
      if (event?.kind !== "builtin" || !event.def.subscribable) continue;
      if (event.def.raisedBy.includes(stack.def.kind)) continue;
      missing = true;
      reportCannotRaise(chain, step, part.event, event.def, stack, stack.def.kind, context);
    }
    // Whoever hears an event that needs flows needs no second report for its fields.
    if (!missing && !stack.def.flows) reportFlowUses(chain, step, stack, stack.def.kind, context);
  }
};

function reportCannotRaise(
  chain: ChainSymbol,
  step: Step,
  name: Name,
  event: EventDef,
  stack: StackSymbol,
  kind: string,
  { report }: CheckContext,
): void {
  const able = catalogStacks.filter((one) => event.raisedBy.includes(one.kind)).map((one) => one.kind);
  const [first] = able;
  report(
    "MBX3005",
    name.span,
    { event: event.name, nf: step.nf.name, chain: chain.name, stack: stack.name, kind },
    {
      secondary: [{ span: stack.decl.stackKind.span, text: `\`${stack.name}\` is of kind ${kind}` }],
      ...(first === undefined
        ? {}
        : {
            help: {
              message: `a stack of kind ${able.join(" or ")} raises it`,
              fix: { span: stack.decl.stackKind.span, text: first },
            },
          }),
    },
  );
}

/** MBX3017: on a stack without flows, whatever else needs one. */
function reportFlowUses(
  chain: ChainSymbol,
  step: Step,
  stack: StackSymbol,
  kind: string,
  { report }: CheckContext,
): void {
  const body = step.nf.body;
  if (body === undefined) return;
  const complain = (span: Name["span"], what: string): void =>
    report("MBX3017", span, { what, nf: step.nf.name, chain: chain.name, stack: stack.name, kind });
  for (const { name, event } of body.publishes) {
    const level = event?.base?.level;
    if (level !== undefined && level !== "none")
      complain(name.span, `publishes ${name.text}, an event about flows,`);
  }
  for (const { ref, field } of body.reads) {
    if (field?.of === "flow" || field?.of === "stream") complain(ref.span, `reads \`${field.name}\``);
  }
  for (const { part } of body.subscriptions) {
    if (part.callbacks.length > 1)
      complain(part.callbacks[1]?.span ?? part.span, "switches callbacks per flow");
  }
  const [state] = body.state;
  if (state !== undefined) complain(state.decl.span, "keeps state per flow");
}

/** MBX3006: someone behind the publisher hears what it publishes, in some chain. */
export const publishedEventsAreHeard: ProgramRule = (context) => {
  const { program, report } = context;
  const chains = program.chains.filter((chain) => chain.path !== undefined);
  if (chains.some((chain) => chain.poisoned) || program.nfs.some((nf) => nf.poisoned)) return;
  const heard = new Set(
    program.nfs.flatMap((nf) => (nf.body?.subscriptions ?? []).map((one) => one.part.event.text)),
  );
  const used = new Set(
    chains.flatMap((chain) => chain.steps.map((step) => step.nf?.origin?.name ?? step.nf?.name)),
  );
  for (const nf of program.nfs) {
    if (nf.origin !== undefined || !used.has(nf.name)) continue;
    for (const { name, event } of nf.body?.publishes ?? []) {
      // Where somebody hears it, but not behind its publisher, that has been said there.
      if (event === undefined || fullLineage(event).some((one) => heard.has(one))) continue;
      if (context.suggested.has(event.name) || program.suggested.has(event.name)) continue;
      report("MBX3006", name.span, { event: event.name, nf: nf.name });
    }
  }
};

/** MBX3016: in a root file with chains, an event that nothing uses. */
export const declaredEventsAreUsed: ProgramRule = (context) => {
  const { program, report } = context;
  if (program.chains.length === 0 || program.files.some((file) => file.hasSyntaxErrors)) return;
  const used = new Set([
    ...program.nfs.flatMap((nf) => (nf.body?.subscriptions ?? []).map((one) => one.part.event.text)),
    ...program.nfs.flatMap((nf) => (nf.body?.publishes ?? []).map((one) => one.name.text)),
    ...program.events.map((event) => event.decl.parent.text),
    ...context.suggested,
    ...program.suggested,
  ]);
  for (const event of program.events) {
    if (event.decl.span.file !== program.root || used.has(event.name)) continue;
    report("MBX3016", event.decl.name.span, { event: event.name });
  }
};
