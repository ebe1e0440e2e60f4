/**
 * A network function in C on another core than its stack: the loop that drains
 * what its outlet sends, and what it keeps of flows. Its handlers are the same as
 * beside the stack.
 */
import type { FieldPlan, ProgramPlan, SlotPlan, StubPlan } from "../../plan/plan.ts";
import { messageOf, wireFields } from "../../plan/wire.ts";
import { render } from "../template.ts";
import type { CFunction, Instance } from "./instance.ts";
import { lower, memberName } from "./names.ts";
import { enumCastOf } from "./nf-hear.ts";
import { type OutletContext, wireStructOf } from "./outlet-answers.ts";
import { choiceSlots, flowRecordSize, passedSlots } from "./state.ts";
import { mayBeTold } from "./stub.ts";

export function outletOf(program: ProgramPlan, stub: StubPlan, one: Instance): OutletContext {
  return { program, chain: one.chain, nf: one.nf, stub, prefix: one.prefix };
}

export function flowRecord(one: Instance): string {
  return `${one.prefix}_kept`;
}

/** What stands before the handlers' calls: they use what is kept of a flow. */
export function keptView(stub: StubPlan, one: Instance): readonly object[] {
  const size = flowRecordSize(one.nf);
  if (size === 0) return [];
  const choices = choiceSlots(one.nf).length;
  const passed = passedSlots(one.nf).length;
  return [
    {
      name: one.nf.name,
      chain: one.chain.name,
      struct: flowRecord(one),
      size,
      members: [
        "uint32_t generation;",
        ...(choices > 0 ? [`uint8_t choice[${choices}]; /* index of the selected callback, and one */`] : []),
        ...(passed > 0 ? [`uint64_t passed[${passed}][2]; /* first byte passed over, and one */`] : []),
        ...(one.nf.ir.state.length > 0 ? [`struct ${stub.nf.name}_state state;`] : []),
      ],
    },
  ];
}

/** The functions and the loop of one instance. */
export function inletText(program: ProgramPlan, stub: StubPlan, one: Instance, shared: boolean): string {
  const on = outletOf(program, stub, one);
  const { subscriptions } = one.nf;
  return render("c/inlet.c", {
    prefix: one.prefix,
    nf: stub.nf.name,
    name: one.nf.name,
    chain: one.chain.name,
    shared,
    lost: mayBeTold(stub),
    functions: [
      ...choiceSlots(one.nf).map((slot) => selectedFunction(stub, one, slot)),
      ...subscriptions.map((slot) => deliverFunction(on, slot)),
      ...passFunctions(on, one),
      ...subscriptions.map((slot) => takeFunction(on, slot)),
    ],
    cases: subscriptions.map((slot) => ({
      number: slot.number,
      call: `${one.prefix}_take_${slot.number}(&ctx, (const struct ${wireStructOf(on, slot)} *)e);`,
    })),
  });
}

function parameters(on: OutletContext, slot: SlotPlan): string {
  return `struct ${on.stub.nf.name}_ctx *ctx, const struct ${wireStructOf(on, slot)} *w`;
}

const flowOfHead = (e: string): string =>
  `(struct mbx_flow){.index = ${e}flow_index, .generation = ${e}flow_generation}`;

/** A choice of its own holds at once; the stack hears of it with the answers. */
function selectedFunction(stub: StubPlan, one: Instance, slot: SlotPlan): CFunction {
  const at = `kept->choice[${choiceSlots(one.nf).indexOf(slot)}]`;
  return {
    text: `The callback of \`subscribe ${slot.event}\` that the flow has selected.`,
    inline: "inline ",
    signature: `uint8_t ${one.prefix}_selected_${slot.number}(struct ${stub.nf.name}_ctx *ctx, const struct ring_event *e)`,
    lines: [
      `const struct mbx_flow flow = ${flowOfHead("e->").replace("(struct mbx_flow)", "")};`,
      `const struct ${flowRecord(one)} *kept = inlet_record(ctx->inlet, flow, sizeof(*kept));`,
      "",
      `return kept != NULL && ${at} != 0 ? (uint8_t)(${at} - 1) : e->callback;`,
    ],
  };
}

function deliverFunction(on: OutletContext, slot: SlotPlan): CFunction {
  const message = messageOf(on.stub, slot.number);
  const fields = [...message.fields, ...message.reads];
  const isBlock = (field: FieldPlan): boolean => field.type.kind === "text" || field.type.kind === "bytes";
  const name = (field: FieldPlan): string => memberName(field.name);
  const blocks = fields
    .filter(isBlock)
    .map((field) => `memcpy(&m.${name(field)}, &w->${name(field)}, sizeof(m.${name(field)}));`);
  return {
    text: `Gives \`${on.nf.name}\` its message of ${slot.event}.`,
    inline: "inline ",
    signature: `void ${on.prefix}_deliver_${slot.number}(${parameters(on, slot)})`,
    lines: [
      `struct ${lower(slot.event)} m = {`,
      `\t.flow = {.index = w->head.flow_index, .generation = w->head.flow_generation},`,
      "\t.time = w->head.time,",
      ...fields.filter((field) => !isBlock(field)).flatMap((field) => memberLines(field)),
      "};",
      "",
      ...blocks,
      ...callLines(on, slot),
    ],
  };
}

function memberLines(field: FieldPlan): readonly string[] {
  const name = memberName(field.name);
  if (field.name === "dir") return ["\t.dir = (enum mbx_direction)w->head.dir,"];
  if (field.type.kind === "data")
    return [
      `\t.${name} = inlet_bytes(ctx->inlet, w->${name}.offset),`,
      `\t.${name === "data" ? "len" : `${name}_len`} = w->${name}.len,`,
    ];
  return [`\t.${name} = ${enumCastOf(field)}w->${name},`];
}

function callLines(on: OutletContext, slot: SlotPlan): readonly string[] {
  const call = (callback: string): string => `${on.stub.nf.name}_on_${callback}(ctx, &m);`;
  if (slot.selector < 0) return [call(slot.callbacks[0] ?? "")];
  return [
    `switch (${on.prefix}_selected_${slot.number}(ctx, &w->head)) {`,
    ...slot.callbacks.flatMap((callback, index) =>
      callback === "ignore" ? [] : [`case ${index}:`, `\t${call(callback)}`, "\tbreak;"],
    ),
    "default:",
    "\treturn;",
    "}",
  ];
}

const ignoreOf = (slot: SlotPlan): number => slot.callbacks.indexOf("ignore");

function directionTest(slot: SlotPlan): string {
  const [first, ...more] = slot.directions;
  return first === undefined || more.length > 0 ? "" : `w->head.dir == MBX_${first.toUpperCase()}`;
}

/** Bytes that were on their way when the function turned away: it is told of them before it goes on. */
function passFunctions(on: OutletContext, one: Instance): readonly CFunction[] {
  const slots = passedSlots(one.nf);
  if (slots.length === 0) return [];
  const gaps = one.nf.subscriptions.filter((slot) => slot.event === "FLOW_GAP");
  return [
    {
      text: "Notes the first byte that is passed over.",
      inline: "",
      signature: `void ${on.prefix}_pass(struct ${on.stub.nf.name}_ctx *ctx, const struct ring_event *e, unsigned int which, uint64_t offset)`,
      lines: [
        `const struct mbx_flow flow = ${flowOfHead("e->").replace("(struct mbx_flow)", "")};`,
        `struct ${flowRecord(one)} *kept = inlet_record(ctx->inlet, flow, sizeof(*kept));`,
        "",
        "if (kept != NULL && kept->passed[which][e->dir] == 0)",
        "\tkept->passed[which][e->dir] = offset + 1;",
      ],
    },
    {
      text: "The first byte that was passed over before this event, which is taken note of; else `offset`.",
      inline: "",
      signature: `uint64_t ${on.prefix}_goes_on(struct ${on.stub.nf.name}_ctx *ctx, const struct ring_event *e, unsigned int which, uint64_t offset)`,
      lines: [
        `const struct mbx_flow flow = ${flowOfHead("e->").replace("(struct mbx_flow)", "")};`,
        `struct ${flowRecord(one)} *kept = inlet_record(ctx->inlet, flow, sizeof(*kept));`,
        "uint64_t first = offset;",
        "",
        "if (kept != NULL && kept->passed[which][e->dir] != 0) {",
        "\tfirst = kept->passed[which][e->dir] - 1;",
        "\tkept->passed[which][e->dir] = 0;",
        "}",
        "return first;",
      ],
    },
    ...slots.map((slot) => tellFunction(on, slot, gaps)),
  ];
}

/** Before the bytes of `w`: what lies between is one FLOW_GAP. */
function tellFunction(on: OutletContext, slot: SlotPlan, gaps: readonly SlotPlan[]): CFunction {
  const from = wireFields(on.stub, messageOf(on.stub, slot.number)).map((field) => field.name);
  return {
    text: `FLOW_GAP for \`${on.nf.name}\`: what it has passed over before these bytes.`,
    inline: "",
    signature: `void ${on.prefix}_tell_${slot.number}(${parameters(on, slot)}, uint64_t first)`,
    lines: gaps.flatMap((gap) => {
      const common = wireFields(on.stub, messageOf(on.stub, gap.number))
        .map((field) => field.name)
        .filter((name) => from.includes(name) && name !== "offset");
      const it = `gap_${gap.number}`;
      return [
        `struct ${wireStructOf(on, gap)} ${it} = {`,
        "\t.head = w->head,",
        "\t.offset = first,",
        "\t.length = w->offset - first,",
        ...common.map((name) => `\t.${memberName(name)} = w->${memberName(name)},`),
        "};",
        "",
        `${it}.head.kind = ${gap.number};`,
        `${it}.head.callback = 0;`,
        `ctx->event = &${it}.head;`,
        `${on.prefix}_deliver_${gap.number}(ctx, &${it});`,
        "ctx->event = &w->head;",
      ];
    }),
  };
}

function takeFunction(on: OutletContext, slot: SlotPlan): CFunction {
  const deliver = `${on.prefix}_deliver_${slot.number}(ctx, w);`;
  const passed = passedSlots(on.nf);
  const lines = passed.includes(slot)
    ? bytesLines(on, slot, deliver)
    : slot.event === "FLOW_GAP" && passed.length > 0
      ? holeLines(on, slot)
      : [deliver];
  return {
    text: `${on.nf.name}: subscribe ${slot.event}`,
    inline: "inline ",
    signature: `void ${on.prefix}_take_${slot.number}(${parameters(on, slot)})`,
    lines,
  };
}

function bytesLines(on: OutletContext, slot: SlotPlan, deliver: string): readonly string[] {
  const which = passedSlots(on.nf).indexOf(slot);
  const selected = `${on.prefix}_selected_${slot.number}(ctx, &w->head)`;
  const pass = [
    `if (${selected} == ${ignoreOf(slot)}) {`,
    `\t${on.prefix}_pass(ctx, &w->head, ${which}, w->offset);`,
    "\treturn;",
    "}",
  ];
  return [
    "uint64_t first;",
    "",
    ...pass,
    `first = ${on.prefix}_goes_on(ctx, &w->head, ${which}, w->offset);`,
    "if (unlikely(first != w->offset)) {",
    `\t${on.prefix}_tell_${slot.number}(ctx, w, first);`,
    ...pass.map((line) => `\t${line}`),
    "}",
    deliver,
  ];
}

/** A hole in what was sent: it may follow bytes that were passed over. */
function holeLines(on: OutletContext, gap: SlotPlan): readonly string[] {
  const passed = passedSlots(on.nf);
  const guarded = (test: string, lines: readonly string[]): readonly string[] =>
    test === "" ? lines : [`if (${test}) {`, ...lines.map((line) => `\t${line}`), "}"];
  return [
    `struct ${wireStructOf(on, gap)} whole = *w;`,
    "bool hears = false;",
    "",
    ...on.nf.subscriptions
      .filter((slot) => slot.event === "DATA_TCP")
      .flatMap((slot) => {
        const which = passed.indexOf(slot);
        if (which < 0) return guarded(directionTest(slot), ["hears = true;"]);
        return guarded(directionTest(slot), [
          `if (${on.prefix}_selected_${slot.number}(ctx, &w->head) == ${ignoreOf(slot)}) {`,
          `\t${on.prefix}_pass(ctx, &w->head, ${which}, w->offset);`,
          "} else {",
          "\thears = true;",
          `\twhole.offset = RTE_MIN(whole.offset, ${on.prefix}_goes_on(ctx, &w->head, ${which}, w->offset));`,
          "}",
        ]);
      }),
    "if (!hears)",
    "\treturn;",
    "whole.length += w->offset - whole.offset;",
    "ctx->event = &whole.head;",
    `${on.prefix}_deliver_${gap.number}(ctx, &whole);`,
    "ctx->event = &w->head;",
  ];
}
