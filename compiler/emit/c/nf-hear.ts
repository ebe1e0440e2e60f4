/** How a network function in C hears: tests, messages, callbacks, and what was kept. */
import { eventPlan } from "../../plan/events.ts";
import type { EventPlan, ProgramPlan, SlotPlan, StubPlan } from "../../plan/plan.ts";
import { flowMayBeNull, type Hearing, hearTests, messageValues, upstreamDroppers } from "./hear.ts";
import type { CFunction, Instance } from "./instance.ts";
import { clearBit } from "./masks.ts";
import {
  advanceLines,
  holeFunction,
  missedLines,
  missedName,
  missedText,
  tellLines,
  tellsMissed,
} from "./missed.ts";
import { lower, memberName } from "./names.ts";
import { snapshotCopy } from "./nf-calls.ts";
import { recordStruct } from "./records.ts";

export function hearName(one: Instance, hearing: Hearing): string {
  return `${one.prefix}_hear_${hearing.slot.number}_${lower(hearing.event.name)}`;
}

function deliverName(one: Instance, hearing: Hearing): string {
  return `${one.prefix}_deliver_${hearing.slot.number}_${lower(hearing.event.name)}`;
}

/** A flow that no line names is marked so. */
function parameters(stub: StubPlan, one: Instance, lines: readonly string[]): string {
  const unused = /\bf\b/.test(lines.join("\n")) ? "" : " __rte_unused";
  return `struct ${stub.nf.name}_ctx *ctx, struct event *e, struct ${one.chain.name}_flow *f${unused}`;
}

/** The body with the declarations of what it uses: packet, record, flow. */
function withDeclarations(one: Instance, hearing: Hearing, body: readonly string[]): readonly string[] {
  const text = body.join("\n");
  const struct = recordStruct(one.chain, hearing.event.name);
  const declarations = [
    ...(/\bp\b/.test(text) ? ["const struct packet *p = burst_packet(ctx->nf.burst, e->packet);"] : []),
    ...(/\br->/.test(text) ? [`const struct ${struct} *r = (const struct ${struct} *)e;`] : []),
    ...(/\bflow\b/.test(text.replaceAll(/(\.|->)flow\b/g, ""))
      ? ["const struct flow *flow = (const struct flow *)f;"]
      : []),
  ];
  const startsWithDeclaration = body[0]?.startsWith("struct ") ?? false;
  return [...declarations, ...(declarations.length > 0 && !startsWithDeclaration ? [""] : []), ...body];
}

/** Tests, then delivers; what a flow that ignores has to keep is kept here. */
export function hearFunction(
  program: ProgramPlan,
  stub: StubPlan,
  one: Instance,
  hearing: Hearing,
): CFunction {
  const tests = hearTests(program, one.chain, one.nf, hearing, "ctx->nf.");
  const keep = hearing.slot.stash >= 0 ? keepLines(hearing.slot) : [];
  const replays = one.nf.subscriptions.some((slot) => slot.stash >= 0)
    ? ["if (ctx->replays.count != 0)", `\t${one.prefix}_replay(ctx);`]
    : [];
  const same = hearing.event.name === hearing.slot.event;
  const tell = tellsMissed(hearing.slot, hearing.event.name)
    ? tellLines(hearing.slot, `${missedName(one.prefix, hearing.slot)}(ctx, e, f);`)
    : [];
  const lines = withDeclarations(one, hearing, [
    ...tests,
    ...keep,
    ...tell,
    `${deliverName(one, hearing)}(ctx, e, f);`,
    ...replays,
  ]);
  return {
    text: `${one.nf.name}: subscribe ${hearing.slot.event}${same ? "" : `, here ${hearing.event.name}`}`,
    inline: "inline ",
    signature: `void ${hearName(one, hearing)}(${parameters(stub, one, lines)})`,
    lines,
  };
}

/** What a flow that goes on has missed, for whoever hears FLOW_GAP. */
export function missedFunctions(
  program: ProgramPlan,
  stub: StubPlan,
  one: Instance,
  heard: readonly Hearing[],
): readonly CFunction[] {
  const slots = one.nf.subscriptions.filter((slot) => slot.heard >= 0);
  const gaps = slots.length === 0 ? [] : heard.filter((hearing) => hearing.event.name === "FLOW_GAP");
  const tellName = (hearing: Hearing): string => `${one.prefix}_tell_${hearing.slot.number}`;
  const tell = gaps.map((hearing): CFunction => {
    const lines = withDeclarations(one, hearing, [
      ...hearTests(program, one.chain, one.nf, hearing, "ctx->nf.", true),
      `${deliverName(one, hearing)}(ctx, e, f);`,
    ]);
    return {
      text: `${one.nf.name}: subscribe ${hearing.slot.event}, here of what it missed`,
      inline: "",
      signature: `void ${tellName(hearing)}(${parameters(stub, one, lines)})`,
      lines,
    };
  });
  const missed = slots.map(
    (slot): CFunction => ({
      text: missedText(slot),
      inline: "",
      signature: `void ${missedName(one.prefix, slot)}(${parameters(stub, one, ["f"])})`,
      lines: missedLines(one.chain, slot, [
        "ctx->nf.event = &r.head;",
        ...gaps.map((hearing) => `${tellName(hearing)}(ctx, &r.head, f);`),
        "ctx->nf.event = e;",
      ]),
    }),
  );
  return [...holeFunction(one.chain, one.nf, one.prefix), ...tell, ...missed];
}

/** While the flow is at `ignore`, the bytes go to its stash. */
function keepLines(slot: SlotPlan): readonly string[] {
  const ignore = slot.callbacks.indexOf("ignore");
  return [
    `if (f->callback[${slot.selector}] == ${ignore}) {`,
    `\tif (!chain_keep(ctx->nf.chain, &f->stash[${slot.stash}], ${slot.fromStart}, (struct event_data *)e))`,
    `\t\t${clearBit("f", slot.bit)}`,
    "\treturn;",
    "}",
  ];
}

/** Builds the message and calls the selected callback. */
export function deliverFunction(
  program: ProgramPlan,
  stub: StubPlan,
  one: Instance,
  hearing: Hearing,
): CFunction {
  const message = lower(hearing.slot.event);
  const values = messageValues(program, one.nf, hearing, "ctx->nf.burst");
  const members = values
    .filter((value) => !value.block)
    .flatMap((value) => {
      const name = memberName(value.field.name);
      const enumCast = value.field.type.kind === "enum" ? enumCastOf(value.field) : "";
      const first = `\t.${name} = ${enumCast}${enumCast === "" ? value.value : `(${value.value})`},`;
      if (value.length === undefined) return [first];
      return [first, `\t.${name === "data" ? "len" : `${name}_len`} = ${value.length},`];
    });
  const blocks = values
    .filter((value) => value.block)
    .map(
      (value) =>
        `memcpy(&m.${memberName(value.field.name)}, &${value.value}, sizeof(m.${memberName(value.field.name)}));`,
    );
  const body = [
    `struct ${message} m = {`,
    "\t.flow = e->flow,",
    "\t.time = e->time,",
    ...members,
    "};",
    "",
    ...blocks,
    ...callLines(stub, hearing),
    "ctx->nf.handled++;",
  ];
  const lines = withDeclarations(one, hearing, body);
  return {
    text: `Gives \`${one.nf.name}\` its message of ${hearing.event.name}.`,
    inline: "inline ",
    signature: `void ${deliverName(one, hearing)}(${parameters(stub, one, lines)})`,
    lines,
  };
}

export function enumCastOf(field: EventPlan["fields"][number]): string {
  if (field.type.kind !== "enum") return "";
  const def = field.type.enum;
  const name =
    def.name === "Direction"
      ? "mbx_direction"
      : lower(def.name.replaceAll(".", "_").replace(/([a-z0-9])([A-Z])/g, "$1_$2"));
  return `(enum ${name})`;
}

function callLines(stub: StubPlan, hearing: Hearing): readonly string[] {
  const { slot, event } = hearing;
  const call = (callback: string): string => `${stub.nf.name}_on_${callback}(ctx, &m);`;
  if (slot.callbacks.length === 1 || slot.selector < 0) return [call(slot.callbacks[0] ?? "")];
  const selected = `f->callback[${slot.selector}]`;
  return [
    `switch (${flowMayBeNull(event) ? `f != NULL ? ${selected} : 0` : selected}) {`,
    ...slot.callbacks.flatMap((callback, index) =>
      callback === "ignore" ? [] : [`case ${index}:`, `\t${call(callback)}`, "\tbreak;"],
    ),
    "default:",
    "\treturn;",
    "}",
  ];
}

/** Delivers what was kept for flows that the last handler switched on. */
export function replayFunctions(program: ProgramPlan, stub: StubPlan, one: Instance): readonly CFunction[] {
  const kept = one.nf.subscriptions.filter((slot) => slot.stash >= 0);
  if (kept.length === 0) return [];
  const pieces = kept.map((slot): CFunction => {
    const droppers = upstreamDroppers(one.chain, one.nf);
    const hearing: Hearing = { slot, event: eventPlan(program.events, "DATA_TCP"), droppers };
    const record = one.chain.records.find((each) => each.event === "DATA_TCP");
    const read = (record?.snapshot ?? [])
      .map((field) => field.name)
      .filter((name) => one.nf.ir.reads.includes(name));
    return {
      text: "One piece of what was kept, as it would have been heard; of the flow, what the cause shows.",
      inline: "",
      signature: `void ${one.prefix}_replay_${slot.number}_piece(const struct stash_piece *piece, void *arg)`,
      lines: [
        `struct ${stub.nf.name}_ctx *ctx = arg;`,
        "const struct event *cause = ctx->nf.event;",
        `struct ${one.chain.name}_flow *f = (struct ${one.chain.name}_flow *)ctx->replays.current;`,
        `struct ${recordStruct(one.chain, "DATA_TCP")} r = {0};`,
        "struct event *e = &r.data.head;",
        "",
        "chain_piece_record(&r.data, &f->flow, piece, ctx->nf.packet);",
        ...snapshotCopy(program, one.chain, one.nf, read, "r."),
        "ctx->nf.event = e;",
        ...(slot.heard < 0
          ? []
          : [
              ...advanceLines(slot, false),
              ...tellLines(slot, `${missedName(one.prefix, slot)}(ctx, e, f);`),
            ]),
        `${deliverName(one, hearing)}(ctx, e, f);`,
        "ctx->nf.event = cause;",
      ],
    };
  });
  const take = (slot: SlotPlan): readonly string[] => [
    `kept = f->stash[${slot.stash}];`,
    `f->stash[${slot.stash}] = (struct stash){0};`,
    `stash_visit(&kept, ${one.prefix}_replay_${slot.number}_piece, ctx);`,
  ];
  const [only, ...more] = kept;
  const taken =
    only !== undefined && more.length === 0
      ? take(only)
      : [
          "switch (replays->subscription[replays->count]) {",
          ...kept.flatMap((slot) => [
            `case ${slot.number}:`,
            ...[...take(slot), "break;"].map((line) => `\t${line}`),
          ]),
          "default:",
          "\tbreak;",
          "}",
        ];
  return [
    ...pieces,
    {
      text: "Delivers what was kept for flows that the last handler switched on.",
      inline: "",
      signature: `void ${one.prefix}_replay(struct ${stub.nf.name}_ctx *ctx)`,
      lines: [
        "struct nf_replays *replays = &ctx->replays;",
        "",
        "while (replays->count > 0) {",
        "\tstruct stash kept = {0};",
        `\tstruct ${one.chain.name}_flow *f;`,
        "",
        "\treplays->count--;",
        "\treplays->current = replays->flow[replays->count];",
        `\tf = (struct ${one.chain.name}_flow *)replays->current;`,
        ...taken.map((line) => `\t${line}`),
        "\tstash_free(ctx->nf.chain->stack.chunks, &kept);",
        "}",
      ],
    },
  ];
}
