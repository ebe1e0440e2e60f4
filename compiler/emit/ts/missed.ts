/**
 * Bytes that a worker passes over because its function ignores them: they were in
 * the ring when it turned away. It is told of them before it goes on, together
 * with what the dataplane did not send.
 */
import { conjuncts, heardDirections } from "../../plan/filters.ts";
import type { StubPlan } from "../../plan/plan.ts";
import { messageOf } from "../../plan/wire.ts";
import type { Method } from "./context.ts";
import { copyLines, messageInterface } from "./messages.ts";

type Subscription = StubPlan["nf"]["subscriptions"][number];

const canIgnoreBytes = (sub: Subscription): boolean =>
  sub.event === "DATA_TCP" && sub.callbacks.length > 1 && sub.callbacks.includes("ignore");

const isGap = (sub: Subscription): boolean => sub.event === "FLOW_GAP";

/** Whether the function is told what it passes over. */
export function tellsPassed(stub: StubPlan): boolean {
  return stub.nf.subscriptions.some(canIgnoreBytes) && stub.nf.subscriptions.some(isGap);
}

const ignoreOf = (sub: Subscription): number => sub.callbacks.indexOf("ignore");

/** Of the record at `base`: whether the subscription hears this direction at all. */
function direction(sub: Subscription): string {
  const [first, ...more] = heardDirections(conjuncts(sub.where));
  return more.length > 0 ? "" : `ctx.events.u8[base + 24] === ${first === "client" ? 0 : 1}`;
}

function block(test: string, lines: readonly string[]): readonly string[] {
  return test === "" ? lines : [`if (${test}) {`, ...lines.map((line) => `  ${line}`), "}"];
}

/** Before bytes are handed to a callback; `m` is their view. */
export function passLines(stub: StubPlan, number: number): readonly string[] {
  const sub = stub.nf.subscriptions[number];
  if (sub === undefined || !tellsPassed(stub) || !canIgnoreBytes(sub)) return [];
  const pass = [
    `if (ctx.selected(${number}, base) === ${ignoreOf(sub)}) {`,
    `  ctx.pass(${number}, base, m${number}.offset);`,
    "  return;",
    "}",
  ];
  return [
    ...pass,
    `const from = ctx.goesOn(${number}, base);`,
    "if (from >= 0) {",
    ...stub.nf.subscriptions.flatMap((gap, i) =>
      isGap(gap)
        ? gapCall(gap, i, `passed(m${number}, from, m${number}.offset - from)`).map((line) => `  ${line}`)
        : [],
    ),
    ...pass.map((line) => `  ${line}`),
    "}",
  ];
}

/** A hole in what was sent: it may follow bytes that were passed over. */
export function holeLines(stub: StubPlan, number: number): readonly string[] | undefined {
  const gap = stub.nf.subscriptions[number];
  if (gap === undefined || !tellsPassed(stub) || !isGap(gap)) return undefined;
  const m = `m${number}`;
  return [
    "let hears = false;",
    `let from = ${m}.offset;`,
    ...stub.nf.subscriptions.flatMap((sub, i) => {
      if (sub.event !== "DATA_TCP") return [];
      if (!canIgnoreBytes(sub)) return block(direction(sub), ["hears = true;"]);
      return block(direction(sub), [
        `if (ctx.selected(${i}, base) === ${ignoreOf(sub)}) ctx.pass(${i}, base, ${m}.offset);`,
        "else {",
        "  hears = true;",
        `  const before = ctx.goesOn(${i}, base);`,
        "  if (before >= 0) from = Math.min(from, before);",
        "}",
      ]);
    }),
    "if (!hears) return;",
    `const end = ${m}.offset + ${m}.length;`,
    ...gapCall(gap, number, `from < ${m}.offset ? passed(${m}, from, end - from) : ${m}`),
  ];
}

/** Nobody but the function itself selects: what it has not chosen is its first callback. */
function gapCall(gap: Subscription, number: number, message: string): readonly string[] {
  const call = (name: string): string => `handlers.${name}(ctx, ${message});`;
  if (gap.callbacks.length <= 1) return [call(gap.callbacks[0] ?? "")];
  const cases = gap.callbacks.flatMap((name, i) =>
    name === "ignore" ? [] : [`  case ${i}:`, `    ${call(name)}`, "    break;"],
  );
  return [`switch (ctx.chosen(${number}, base) ?? 0) {`, ...cases, "}"];
}

export function passFields(stub: StubPlan): readonly string[] {
  return tellsPassed(stub)
    ? [
        "/** By subscription: of each flow and direction the first byte that was passed over. */",
        "declare readonly passed: Passed[];",
      ]
    : [];
}

export function passSetup(stub: StubPlan): readonly string[] {
  const flowsOf = (sub: Subscription): string => (canIgnoreBytes(sub) ? "host.flows" : "0");
  return tellsPassed(stub)
    ? [`this.passed = [${stub.nf.subscriptions.map((sub) => `new Passed(${flowsOf(sub)})`).join(", ")}];`]
    : [];
}

export function passMethods(stub: StubPlan): readonly Method[] {
  if (!tellsPassed(stub)) return [];
  const key = "const key = (u32[(base + 4) >> 2] as number) * 2 + (u8[base + 24] as number);";
  return [
    {
      doc: "",
      signature: "pass(subscription: number, base: number, offset: number): void",
      lines: [
        "const { u8, u32 } = this.events;",
        key,
        "this.passed[subscription]?.add(key, u32[(base + 8) >> 2] as number, offset);",
      ],
    },
    {
      doc: "",
      signature: "goesOn(subscription: number, base: number): number",
      lines: [
        "const passed = this.passed[subscription];",
        "if (passed === undefined || passed.count === 0) return -1;",
        "const { u8, u32 } = this.events;",
        key,
        "return passed.take(key, u32[(base + 8) >> 2] as number);",
      ],
    },
  ];
}

const passedText = `/** First bytes that were passed over; \`key\` is a flow's index and a direction. */
class Passed {
  declare readonly generations: Uint32Array;
  declare readonly offsets: Float64Array;
  count = 0;
  constructor(flows: number) {
    this.generations = new Uint32Array(2 * flows);
    this.offsets = new Float64Array(2 * flows);
  }
  add(key: number, generation: number, offset: number): void {
    const before = this.generations[key];
    if (before === generation) return;
    if (before === 0) this.count += 1;
    this.generations[key] = generation;
    this.offsets[key] = offset;
  }
  /** -1: nothing was. */
  take(key: number, generation: number): number {
    const before = this.generations[key];
    if (before === 0 || before === undefined) return -1;
    this.generations[key] = 0;
    this.count -= 1;
    return before === generation ? (this.offsets[key] as number) : -1;
  }
}`;

/** The message of FLOW_GAP for what was passed over before the event of `m`. */
export function passHelpers(stub: StubPlan): readonly string[] {
  const number = stub.nf.subscriptions.findIndex(isGap);
  if (!tellsPassed(stub)) return [];
  const message = messageOf(stub, number);
  const gap = messageInterface("FLOW_GAP");
  const lines = copyLines(message)
    .filter((line) => !/^(?:offset|length):/.test(line))
    .map((line) => line.replaceAll("this.", "m."));
  return [
    passedText,
    [
      "/** What was passed over before the bytes, or the hole, that `m` shows. */",
      `function passed(m: ${messageInterface("DATA_TCP")}View | ${gap}View, offset: number, length: number): ${gap} {`,
      `  const kept: ${gap} = {`,
      ...[...lines, "offset", "length", "copy: () => kept"].map((line) => `    ${line},`),
      "  };",
      "  return kept;",
      "}",
    ].join("\n"),
  ];
}
