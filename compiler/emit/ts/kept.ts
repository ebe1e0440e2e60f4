/**
 * FLOW_END is a flow's last event also for a function that has just chosen bytes
 * which were kept: these are on their way then, and the end waits for them.
 */
import { builtinNumbers } from "../../plan/events.ts";
import type { StubPlan } from "../../plan/plan.ts";
import type { Method } from "./context.ts";

const FLOW_END = builtinNumbers.indexOf("FLOW_END");

export function waitsForKept(stub: StubPlan): boolean {
  return stub.nf.subscriptions.some((sub) => sub.fromStart > 0) && stub.nf.subscriptions.some(hearsEnd);
}

const hearsEnd = (sub: StubPlan["nf"]["subscriptions"][number]): boolean =>
  sub.event === "FLOW_END" || sub.event === "FLOW_TCP" || sub.event === "FLOW";

/** Instead of the callback, while kept bytes are on their way; `calls` are its lines. */
export function waitLines(stub: StubPlan, number: number, calls: readonly string[]): readonly string[] {
  const sub = stub.nf.subscriptions[number];
  if (sub === undefined || !waitsForKept(stub) || !hearsEnd(sub)) return calls;
  const later = calls.map((line) => line.replaceAll(`m${number}`, "message"));
  return [
    `if (ctx.events.u16[(base + 26) >> 1] === ${FLOW_END} && ctx.isOwed(base)) {`,
    `  const message = m${number}.copy();`,
    ...(later.some((line) => line.includes("selected("))
      ? [`  const selected = ctx.selected(${number}, base);`]
      : []),
    "  ctx.later(base, () => {",
    ...later.map((line) => `    ${line.replace(`ctx.selected(${number}, base)`, "selected")}`),
    "  });",
    "  return;",
    "}",
    ...calls,
  ];
}

/** In `choose`: the dataplane answers each choice of bytes that may have been kept. */
export function oweLines(stub: StubPlan): readonly string[] {
  if (!waitsForKept(stub)) return [];
  return stub.nf.subscriptions.flatMap((sub, i) =>
    sub.fromStart > 0
      ? [`if (subscription === ${i} && index !== ${sub.callbacks.indexOf("ignore")}) this.owe(flow.id);`]
      : [],
  );
}

export function keptFields(stub: StubPlan): readonly string[] {
  return waitsForKept(stub)
    ? [
        "/** Flows whose kept bytes are on their way: how many answers, and what waits for them. */",
        "declare readonly owed: Map<number, { answers: number; calls: (() => void)[] }>;",
      ]
    : [];
}

export function keptSetup(stub: StubPlan): readonly string[] {
  return waitsForKept(stub) ? ["this.owed = new Map();"] : [];
}

export function keptMethods(stub: StubPlan): readonly Method[] {
  if (!waitsForKept(stub)) return [];
  const id =
    "(this.events.u32[(base + 8) >> 2] as number) * 16777216 + (this.events.u32[(base + 4) >> 2] as number)";
  return [
    {
      doc: "",
      signature: "owe(id: number): void",
      lines: [
        "const owed = this.owed.get(id);",
        "if (owed === undefined) this.owed.set(id, { answers: 1, calls: [] });",
        "else owed.answers += 1;",
      ],
    },
    {
      doc: "",
      signature: "isOwed(base: number): boolean",
      lines: [`return this.owed.size > 0 && this.owed.has(${id});`],
    },
    {
      doc: "",
      signature: "later(base: number, call: () => void): void",
      lines: [`this.owed.get(${id})?.calls.push(call);`],
    },
    {
      doc: "",
      signature: "kept(base: number): void",
      lines: [
        `const id = ${id};`,
        "const owed = this.owed.get(id);",
        "if (owed === undefined || --owed.answers > 0) return;",
        "this.owed.delete(id);",
        "this.at.base = base;",
        "for (const call of owed.calls) call();",
      ],
    },
    {
      doc: "",
      signature: "allKept(): void",
      lines: [
        "const all = [...this.owed.values()];",
        "this.owed.clear();",
        "this.at.base = 0;",
        "for (const { calls } of all) for (const call of calls) call();",
      ],
    },
  ];
}
