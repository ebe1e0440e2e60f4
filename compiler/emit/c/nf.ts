/** The unit of a network function in C: its calls, its handlers, its loops. */
import { eventPlan } from "../../plan/events.ts";
import type { ChainPlan, EventPlan, NfPlan, ProgramPlan, SlotPlan, StubPlan } from "../../plan/plan.ts";
import { render } from "../template.ts";
import { stateRecordSize } from "./chain.ts";
import { flowMayBeNull, type Hearing, hearings, hearTests, messageValues } from "./hear.ts";
import { clearBit } from "./masks.ts";
import { copyField, lower, memberName, upper } from "./names.ts";
import { recordSlots, recordStruct, storedFields } from "./records.ts";
import { type CallC, callsOf } from "./stub.ts";

/** An instance of the handler in a chain. */
interface Instance {
  readonly chain: ChainPlan;
  readonly nf: NfPlan;
  readonly prefix: string;
}

interface CFunction {
  readonly text: string;
  readonly inline: string;
  readonly signature: string;
  readonly lines: readonly string[];
}

/** `handler` is the handler's path as the unit includes it. */
export function nfUnit(program: ProgramPlan, stub: StubPlan, handler: string, banner: string): string {
  const instances = program.chains.flatMap((chain) =>
    chain.nfs
      .filter((nf) => stub.instances.includes(nf.name))
      .map((nf): Instance => ({ chain, nf, prefix: `${chain.name}_${nf.name}` })),
  );
  const shared = instances.length > 1;
  const calls = callsOf(stub);
  return render("c/nf.c", {
    banner,
    nf: stub.nf.name,
    includes: [
      ...new Set(instances.map((one) => `${one.chain.name}.h`)),
      "packet/write.h",
      `${stub.nf.name}.gen.h`,
    ],
    handler,
    shared,
    replays: instances.some((one) => one.nf.subscriptions.some((slot) => slot.stash >= 0)),
    calls: calls.map((call) => ({
      pointer: `${call.result}(*${call.name})(${call.parameters});`,
      name: call.name,
    })),
    api: calls.map((call) => apiView(stub, call, instances, shared)),
    instances: instances.map((one) => instanceView(program, stub, one, calls)),
  });
}

/** The function that a handler calls: straight to the one instance, or to the context's. */
function apiView(stub: StubPlan, call: CallC, instances: readonly Instance[], shared: boolean): object {
  const target = shared ? `ctx->calls->${call.name}` : `${instances[0]?.prefix}_${call.name}`;
  const forward = `${target}(${call.arguments});`;
  return {
    signature: `${call.result}${stub.nf.name}_${call.name}(${call.parameters})`,
    lines: [call.result === "void " ? forward : `return ${forward}`],
  };
}

function instanceView(program: ProgramPlan, stub: StubPlan, one: Instance, calls: readonly CallC[]): object {
  const heard = hearings(program, one.chain, one.nf);
  const events = [...new Set(heard.map((hearing) => hearing.event.name))];
  return {
    prefix: one.prefix,
    chain: one.chain.name,
    name: one.nf.name,
    place: one.nf.place,
    block: Math.max(0, one.nf.block),
    timer: Math.max(0, one.nf.timer),
    calls: calls.map((call) => ({ name: call.name })),
    callBodies: [
      ...calls.map((call) => ({
        text: call.doc,
        signature: `${call.result}${one.prefix}_${call.name}(${call.parameters})`,
        lines: callBody(program, stub, one, call),
      })),
    ],
    functions: [
      ...heard.map((hearing) => deliverFunction(program, stub, one, hearing)),
      ...replayFunctions(program, stub, one),
      ...heard.map((hearing) => hearFunction(program, stub, one, hearing)),
    ],
    cases: events.map((name) => ({
      constant: `EVENT_${name}`,
      lines: heard
        .filter((hearing) => hearing.event.name === name)
        .map((hearing) => `${hearName(one, hearing)}(&ctx, e, ${flowOf(one.chain)});`),
    })),
  };
}

function flowOf(chain: ChainPlan): string {
  return `(struct ${chain.name}_flow *)chain_flow_of(c, e)`;
}

function hearName(one: Instance, hearing: Hearing): string {
  return `${one.prefix}_hear_${hearing.slot.number}_${lower(hearing.event.name)}`;
}

function deliverName(one: Instance, hearing: Hearing): string {
  return `${one.prefix}_deliver_${hearing.slot.number}_${lower(hearing.event.name)}`;
}

function parameters(stub: StubPlan, one: Instance): string {
  return `struct ${stub.nf.name}_ctx *ctx, struct event *e, struct ${one.chain.name}_flow *f`;
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
  const unused = /\bf\b/.test([...declarations, text].join("\n")) ? [] : ["RTE_SET_USED(f);"];
  const startsWithDeclaration = body[0]?.startsWith("struct ") ?? false;
  return [
    ...declarations,
    ...(declarations.length > 0 && !startsWithDeclaration ? [""] : []),
    ...body,
    ...unused,
  ];
}

/** Tests, then delivers; what a flow that ignores has to keep is kept here. */
function hearFunction(program: ProgramPlan, stub: StubPlan, one: Instance, hearing: Hearing): CFunction {
  const tests = hearTests(program, one.chain, one.nf, hearing, "ctx->nf.burst");
  const keep = hearing.slot.stash >= 0 ? keepLines(hearing.slot) : [];
  const replays = one.nf.subscriptions.some((slot) => slot.stash >= 0)
    ? ["if (ctx->replays != 0)", `\t${one.prefix}_replay(ctx);`]
    : [];
  const same = hearing.event.name === hearing.slot.event;
  return {
    text: `${one.nf.name}: subscribe ${hearing.slot.event}${same ? "" : `, here ${hearing.event.name}`}`,
    inline: "inline ",
    signature: `${hearName(one, hearing)}(${parameters(stub, one)})`,
    lines: withDeclarations(one, hearing, [
      ...tests,
      ...keep,
      `${deliverName(one, hearing)}(ctx, e, f);`,
      ...replays,
    ]),
  };
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
function deliverFunction(program: ProgramPlan, stub: StubPlan, one: Instance, hearing: Hearing): CFunction {
  const message = lower(hearing.slot.event);
  const values = messageValues(program, one.nf, hearing);
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
    "ctx->nf.chain->nf[ctx->nf.number].handled++;",
  ];
  return {
    text: `Gives \`${one.nf.name}\` its message of ${hearing.event.name}.`,
    inline: "inline ",
    signature: `${deliverName(one, hearing)}(${parameters(stub, one)})`,
    lines: withDeclarations(one, hearing, body),
  };
}

function enumCastOf(field: EventPlan["fields"][number]): string {
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
function replayFunctions(program: ProgramPlan, stub: StubPlan, one: Instance): readonly CFunction[] {
  const kept = one.nf.subscriptions.filter((slot) => slot.stash >= 0);
  if (kept.length === 0) return [];
  const pieces = kept.map((slot): CFunction => {
    const hearing: Hearing = { slot, event: eventPlan(program.events, "DATA_TCP") };
    const record = one.chain.records.find((each) => each.event === "DATA_TCP");
    const read = (record?.snapshot ?? [])
      .map((field) => field.name)
      .filter((name) => one.nf.ir.reads.includes(name));
    return {
      text: "One piece of what was kept, as it would have been heard; of the flow, what the cause shows.",
      inline: "",
      signature: `${one.prefix}_replay_${slot.number}_piece(const struct stash_piece *piece, void *arg)`,
      lines: [
        `struct ${stub.nf.name}_ctx *ctx = arg;`,
        "const struct event *cause = ctx->nf.event;",
        `struct ${one.chain.name}_flow *f = (struct ${one.chain.name}_flow *)ctx->replaying;`,
        `struct ${recordStruct(one.chain, "DATA_TCP")} r = {0};`,
        "",
        "chain_piece_record(&r.data, &f->flow, piece, ctx->nf.packet);",
        ...snapshotCopy(program, one.chain, one.nf, read, "r."),
        "ctx->nf.event = &r.data.head;",
        `${deliverName(one, hearing)}(ctx, &r.data.head, f);`,
        "ctx->nf.event = cause;",
      ],
    };
  });
  const cases = kept.flatMap((slot) => [
    `\tcase ${slot.number}:`,
    `\t\tkept = f->stash[${slot.stash}];`,
    `\t\tf->stash[${slot.stash}] = (struct stash){0};`,
    `\t\tstash_visit(&kept, ${one.prefix}_replay_${slot.number}_piece, ctx);`,
    "\t\tbreak;",
  ]);
  return [
    ...pieces,
    {
      text: "Delivers what was kept for flows that the last handler switched on.",
      inline: "",
      signature: `${one.prefix}_replay(struct ${stub.nf.name}_ctx *ctx)`,
      lines: [
        "while (ctx->replays > 0) {",
        `\tstruct ${one.chain.name}_flow *f;`,
        "\tstruct stash kept = {0};",
        "",
        "\tctx->replays--;",
        "\tctx->replaying = ctx->replay[ctx->replays];",
        `\tf = (struct ${one.chain.name}_flow *)ctx->replaying;`,
        "\tswitch (ctx->replay_subscription[ctx->replays]) {",
        ...cases,
        "\tdefault:",
        "\t\tbreak;",
        "\t}",
        "\tstash_free(ctx->nf.chain->stack.chunks, &kept);",
        "}",
      ],
    },
  ];
}

function callBody(program: ProgramPlan, stub: StubPlan, one: Instance, call: CallC): readonly string[] {
  switch (call.kind) {
    case "switch":
      return switchBody(stub, one);
    case "publish":
      return publishBody(program, one, eventPlan(program.events, call.subject));
    case "state":
      return stateBody(stub, one);
    case "drop_packet":
      return ["nf_drop_packet(&ctx->nf);"];
    case "drop_flow":
      return ["nf_drop_flow(&ctx->nf, flow);"];
    case "reset_flow":
      return ["nf_reset_flow(&ctx->nf, flow);"];
    case "set_timer":
      return ["nf_set_timer(&ctx->nf, flow, milliseconds);"];
    case "set":
      return setterBody(call.subject);
  }
}

function switchBody(stub: StubPlan, one: Instance): readonly string[] {
  const switchable = one.nf.subscriptions.filter((slot) => slot.selector >= 0);
  const slots = switchable.map(
    (slot) =>
      `static const struct nf_slot slot_${slot.number} = {.bit = ${slot.bit}, .selector = ${slot.selector}, .ignore = ${slot.callbacks.includes("ignore") ? slot.callbacks.indexOf("ignore") : "UINT8_MAX"}};`,
  );
  const cases = stub.callbacks.flatMap((callback) => {
    const changes = callback.at.flatMap(({ subscription, index }) => {
      const slot = switchable.find((each) => each.number === subscription);
      if (slot === undefined) return [];
      return [
        `\tnf_slot_select(&slot_${slot.number}, f->mask, f->callback, ${index});`,
        ...(slot.stash < 0
          ? []
          : callback.name === "ignore"
            ? [`\tstash_free(ctx->nf.chain->stack.chunks, &f->stash[${slot.stash}]);`]
            : replayRequest(slot)),
      ];
    });
    return [`case ${upper(stub.nf.name)}_${upper(callback.name)}:`, ...changes, "\tbreak;"];
  });
  return [
    ...slots,
    `struct ${one.chain.name}_flow *f = (struct ${one.chain.name}_flow *)nf_flow(&ctx->nf, flow);`,
    "",
    "if (f == NULL)",
    "\treturn;",
    "switch (to) {",
    ...cases,
    "}",
    "ctx->nf.chain->nf[ctx->nf.number].switched++;",
  ];
}

/** Queues the delivery of a stash for when the handler has returned. */
function replayRequest(slot: SlotPlan): readonly string[] {
  return [
    `\tif (f->stash[${slot.stash}].first == NULL)`,
    "\t\tbreak;",
    "\tif (ctx->replays < RTE_DIM(ctx->replay)) {",
    "\t\tctx->replay[ctx->replays] = &f->flow;",
    `\t\tctx->replay_subscription[ctx->replays++] = ${slot.number};`,
    "\t} else {",
    `\t\tctx->nf.chain->counters->from_start_lost += f->stash[${slot.stash}].bytes;`,
    `\t\tstash_free(ctx->nf.chain->stack.chunks, &f->stash[${slot.stash}]);`,
    "\t}",
  ];
}

/** Puts a record before the event being handled; its snapshot is that event's. */
function publishBody(program: ProgramPlan, one: Instance, event: EventPlan): readonly string[] {
  const { chain, nf } = one;
  const record = chain.records.find((each) => each.event === event.name);
  const count = "ctx->nf.chain->nf[ctx->nf.number].published++;";
  if (record === undefined) return ["RTE_SET_USED(e); /* nobody hears it */", count];
  const struct = recordStruct(chain, event.name);
  return [
    `struct ${struct} *r;`,
    "",
    count,
    `r = (struct ${struct} *)event_log_insert(&ctx->nf.burst->log, ctx->nf.cursor, ${recordSlots(chain, event.name)});`,
    "if (r == NULL) {",
    "\tnf_publication_lost(&ctx->nf);",
    "\treturn;",
    "}",
    `event_inherit(&r->head, EVENT_${event.name}, &ctx->nf, ${event.flow ? "e->flow" : "(struct mbx_flow){.index = FLOW_NONE}"});`,
    `ctx->nf.chain->raised[EVENT_${event.name}]++;`,
    ...storedFields(event).map((field) =>
      copyField(field.type, `r->${memberName(field.name)}`, `e->${memberName(field.name)}`),
    ),
    ...snapshotCopy(
      program,
      chain,
      nf,
      record.snapshot.map((field) => field.name),
    ),
  ];
}

/** Copies the snapshot from the record being handled, whatever its type. */
function snapshotCopy(
  program: ProgramPlan,
  chain: ChainPlan,
  nf: NfPlan,
  fields: readonly string[],
  to = "r->",
): readonly string[] {
  if (fields.length === 0) return [];
  const heard = [...new Set(hearings(program, chain, nf).map((hearing) => hearing.event.name))];
  return [
    "switch (ctx->nf.event->type) {",
    ...heard.flatMap((name) => [
      `case EVENT_${name}: {`,
      `\tconst struct ${recordStruct(chain, name)} *from = (const struct ${recordStruct(chain, name)} *)ctx->nf.event;`,
      "",
      ...fields.map((field) => `\t${to}${memberName(field)} = from->${memberName(field)};`),
      "\tbreak;",
      "}",
    ]),
    "default:",
    ...fields.map((field) => `\tmemset(&${to}${memberName(field)}, 0, sizeof(${to}${memberName(field)}));`),
    "\tbreak;",
    "}",
  ];
}

function stateBody(stub: StubPlan, one: Instance): readonly string[] {
  const name = stub.nf.name;
  return [
    "struct state_record {",
    "\tuint32_t generation;",
    `\tstruct ${name}_state state;`,
    "};",
    "static _Thread_local struct state_record stale;",
    "struct state_record *record;",
    "",
    `_Static_assert(sizeof(struct state_record) == ${stateRecordSize(one.nf)}, "size of a state record");`,
    "record = nf_state(&ctx->nf, flow, sizeof(*record));",
    "if (record != NULL)",
    "\treturn &record->state;",
    "memset(&stale, 0, sizeof(stale));",
    "return &stale.state;",
  ];
}

function setterBody(field: string): readonly string[] {
  const name = memberName(field);
  const byAddress = /^(eth|ip)\.(src|dst)$/.test(field);
  const args = field === "payload" ? "offset, bytes, len" : byAddress ? "&value" : "value";
  return [
    "struct packet *p = burst_packet(ctx->nf.burst, ctx->nf.packet);",
    "struct rte_mbuf *before;",
    "",
    "if (p == NULL) {",
    "\tctx->nf.chain->counters->writes_refused++;",
    "\treturn;",
    "}",
    "before = p->mbuf;",
    `burst_written(ctx->nf.burst, ctx->nf.packet, before, packet_write_${name}(p, ${args}));`,
  ];
}
