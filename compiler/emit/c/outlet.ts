/** The C side of a network function that runs in a worker. */
import { eventPlan } from "../../plan/events.ts";
import type { Layout } from "../../plan/layout.ts";
import type { ChainPlan, EventPlan, NfPlan, ProgramPlan, SlotPlan, StubPlan } from "../../plan/plan.ts";
import { messageOf, publishLayout, wireLayout } from "../../plan/wire.ts";
import { render } from "../template.ts";
import { liveFlowValue } from "./fields.ts";
import { flowMayBeNull, type Hearing, hearings, hearTests, messageValues } from "./hear.ts";
import { clearBit } from "./masks.ts";
import { lower, memberName, storedType } from "./names.ts";
import { recordSlots, recordStruct, storedFields } from "./records.ts";

interface Context {
  readonly program: ProgramPlan;
  readonly chain: ChainPlan;
  readonly nf: NfPlan;
  readonly stub: StubPlan;
  readonly prefix: string;
}

interface CFunction {
  readonly text: string;
  readonly inline: string;
  readonly signature: string;
  readonly lines: readonly string[];
}

export function outletUnit(
  program: ProgramPlan,
  chain: ChainPlan,
  nf: NfPlan,
  stub: StubPlan,
  banner: string,
): string {
  const on: Context = { program, chain, nf, stub, prefix: `${chain.name}_${nf.name}` };
  const heard = hearings(program, chain, nf);
  const events = [...new Set(heard.map((hearing) => hearing.event.name))];
  return render("c/outlet.c", {
    banner,
    nf: nf.name,
    chain: chain.name,
    prefix: on.prefix,
    place: nf.place,
    outlet: nf.outlet,
    block: Math.max(0, nf.block),
    timer: Math.max(0, nf.timer),
    wires: [
      ...nf.subscriptions.map((slot) =>
        wireView(
          wireStruct(on, slot),
          "struct ring_event head;",
          wireLayout(stub, messageOf(stub, slot.number)),
          `${slot.event} as the worker reads it.`,
        ),
      ),
      ...stub.publishes.map((event) =>
        wireView(
          publishStruct(on, event),
          "struct ring_answer head;",
          publishLayout(event),
          `${event.name} as the worker publishes it.`,
        ),
      ),
    ],
    functions: [
      ...heard.map((hearing) => sendFunction(on, hearing)),
      ...nf.subscriptions.filter((slot) => slot.stash >= 0).map((slot) => pieceFunction(on, slot)),
      ...heard.map((hearing) => hearFunction(on, hearing)),
      ...stub.publishes.map((event) => publishFunction(on, event)),
      ...switchFunctions(on),
    ],
    cases: events.map((name) => ({
      constant: `EVENT_${name}`,
      lines: heard
        .filter((hearing) => hearing.event.name === name)
        .map(
          (hearing) =>
            `${on.prefix}_hear_${hearing.slot.number}_${lower(name)}(o, &nf, e, ${flowOf(on, "e")});`,
        ),
    })),
    answers: answerViews(on),
  });
}

function flowOf(on: Context, e: string): string {
  return `(struct ${on.chain.name}_flow *)chain_flow_of(c, ${e})`;
}

function wireStruct(on: Context, slot: SlotPlan): string {
  return `${on.prefix}_wire_${slot.number}`;
}

function publishStruct(on: Context, event: EventPlan): string {
  return `${on.prefix}_publish_${lower(event.name)}`;
}

function wireView(struct: string, head: string, layout: Layout, text: string): object {
  return {
    text,
    struct,
    head,
    members: layout.fields.map(
      (placed) => `${storedType(placed.field.type, memberName(placed.field.name))};`,
    ),
    asserts: layout.fields.map((placed) => ({
      member: memberName(placed.field.name),
      offset: placed.offset,
    })),
  };
}

function parameters(on: Context): string {
  return `struct outlet *o, struct nf_context *nf, struct event *e, struct ${on.chain.name}_flow *f`;
}

function withDeclarations(on: Context, hearing: Hearing, body: readonly string[]): readonly string[] {
  const text = body.join("\n");
  const struct = recordStruct(on.chain, hearing.event.name);
  const declarations = [
    ...(/\bp\b/.test(text) ? ["const struct packet *p = burst_packet(nf->burst, e->packet);"] : []),
    ...(/\br->/.test(text) ? [`const struct ${struct} *r = (const struct ${struct} *)e;`] : []),
    ...(/\bflow\b/.test(text.replaceAll(/(\.|->)flow\b/g, ""))
      ? ["const struct flow *flow = (const struct flow *)f;"]
      : []),
  ];
  const all = [...declarations, text].join("\n");
  const unused = [
    ...(/\bf\b/.test(all) ? [] : ["RTE_SET_USED(f);"]),
    ...(/\bo\b/.test(all) ? [] : ["RTE_SET_USED(o);"]),
  ];
  const gap = declarations.length > 0 && !(body[0]?.startsWith("struct ") ?? false) ? [""] : [];
  return [...declarations, ...gap, ...body, ...unused];
}

/** Fills a record of the ring; what finds no room is counted, and the policy decides. */
function sendFunction(on: Context, hearing: Hearing): CFunction {
  const { slot, event } = hearing;
  const struct = wireStruct(on, slot);
  const layout = wireLayout(on.stub, messageOf(on.stub, slot.number));
  const values = messageValues(on.program, on.nf, hearing);
  const fills = layout.fields.flatMap((placed) => {
    const name = memberName(placed.field.name);
    if (placed.field.name === "seq" && !values.some((value) => value.field.name === "seq"))
      return ["w->seq = r->data.seq;"];
    const value = values.find((one) => one.field.name === placed.field.name);
    if (value === undefined) throw new Error(`${event.name} has no ${placed.field.name}`);
    if (value.length !== undefined) return dataFill(name, value.value, value.length);
    if (value.block) return [`memcpy(&w->${name}, &${value.value}, sizeof(w->${name}));`];
    return [`w->${name} = ${value.value};`];
  });
  const packetClass = event.name === "DATA_TCP" || event.name.startsWith("PKT");
  const selected = slot.selector < 0 ? "0" : `f->callback[${slot.selector}]`;
  const body = [
    `struct ${struct} *w;`,
    "",
    `w = (struct ${struct} *)outlet_reserve(o, ${layout.slots}, ${packetClass ? "OUTLET_PACKET" : "OUTLET_FLOW"}, ${ownerOf(on, hearing)});`,
    "if (w == NULL) {",
    "\tnf->chain->nf[nf->number].lost++;",
    ...(on.nf.ir.onOverload === "drop"
      ? [
          "\tif (e->packet != EVENT_NO_PACKET)",
          `\t\tburst_drop(nf->burst, e->packet, VERDICT_DROP_OVERLOAD, ${on.nf.block < 0 ? "BURST_NOT_DROPPED" : "nf->block"});`,
        ]
      : []),
    "\treturn;",
    "}",
    `chain_ring_head(&w->head, nf, e, ${slot.number}, ${slot.selector >= 0 && flowMayBeNull(event) ? `f != NULL ? ${selected} : 0` : selected});`,
    ...fills,
    "nf->chain->nf[nf->number].handled++;",
  ];
  return {
    text: `Sends ${event.name} to the worker.`,
    inline: "inline ",
    signature: `void ${on.prefix}_send_${slot.number}_${lower(event.name)}(${parameters(on)})`,
    lines: withDeclarations(on, hearing, body),
  };
}

function dataFill(name: string, value: string, length: string): readonly string[] {
  return value.includes("?")
    ? [
        `if (p != NULL)`,
        `\tw->${name} = chain_ring_data(nf->chain, packet_at(p, p->payload), packet_payload_contiguous(p));`,
      ]
    : [`w->${name} = chain_ring_data(nf->chain, ${value}, ${length});`];
}

/** Whose bytes the record points into. */
function ownerOf(on: Context, hearing: Hearing): string {
  const subscribed = eventPlan(on.program.events, hearing.slot.event);
  if (subscribed.fields.some((field) => field.type.kind === "data")) return "r->data.owner";
  if (on.nf.ir.reads.includes("payload")) return "p != NULL ? owner_of_mbuf(p->mbuf) : OWNER_NONE";
  return "OWNER_NONE";
}

function hearFunction(on: Context, hearing: Hearing): CFunction {
  const { slot, event } = hearing;
  const ignore = slot.callbacks.indexOf("ignore");
  const keep =
    slot.stash < 0
      ? []
      : [
          `if (f->callback[${slot.selector}] == ${ignore}) {`,
          `\tif (!chain_keep(nf->chain, &f->stash[${slot.stash}], ${slot.fromStart}, (struct event_data *)e))`,
          `\t\t${clearBit("f", slot.bit)}`,
          "\treturn;",
          "}",
        ];
  const body = [
    ...hearTests(on.program, on.chain, on.nf, hearing, "nf->burst"),
    ...keep,
    `${on.prefix}_send_${slot.number}_${lower(event.name)}(o, nf, e, f);`,
  ];
  return {
    text: `${on.nf.name}: subscribe ${slot.event}${event.name === slot.event ? "" : `, here ${event.name}`}`,
    inline: "inline ",
    signature: `void ${on.prefix}_hear_${slot.number}_${lower(event.name)}(${parameters(on)})`,
    lines: withDeclarations(on, hearing, body),
  };
}

function pieceFunction(on: Context, slot: SlotPlan): CFunction {
  const record = on.chain.records.find((each) => each.event === "DATA_TCP");
  const struct = recordStruct(on.chain, "DATA_TCP");
  return {
    text: "One piece of what was kept, as it would have been sent.",
    inline: "",
    signature: `void ${on.prefix}_piece_${slot.number}(const struct stash_piece *piece, void *arg)`,
    lines: [
      "struct nf_context *nf = arg;",
      `struct ${on.chain.name}_flow *f = (struct ${on.chain.name}_flow *)nf_flow(nf, nf->event->flow);`,
      `struct ${struct} r = {0};`,
      "",
      "if (f == NULL)",
      "\treturn;",
      "chain_piece_record(&r.data, &f->flow, piece, nf->packet);",
      ...(record?.snapshot ?? []).map(
        (field) => `r.${memberName(field.name)} = ${liveFlowValue(field.name, "f")};`,
      ),
      `${on.prefix}_send_${slot.number}_data_tcp(nf->chain->outlets[${on.nf.outlet}], nf, &r.data.head, f);`,
    ],
  };
}

/** A publication of the worker: heard by later NFs in a burst of its own. */
function publishFunction(on: Context, event: EventPlan): CFunction {
  const record = on.chain.records.find((each) => each.event === event.name);
  const struct = publishStruct(on, event);
  const target = recordStruct(on.chain, event.name);
  const signature = `bool ${on.prefix}_take_${lower(event.name)}(struct nf_context *nf, const struct ${struct} *w)`;
  if (record === undefined)
    return {
      text: `${event.name} from the worker; nobody hears it.`,
      inline: "",
      signature,
      lines: ["RTE_SET_USED(w);", "nf->chain->nf[nf->number].published++;", "return true;"],
    };
  const snapshot = record.snapshot.map((field) => field.name);
  return {
    text: `${event.name} from the worker, for the network functions after it.`,
    inline: "",
    signature,
    lines: [
      "struct mbx_flow handle = {.index = w->head.flow_index, .generation = w->head.flow_generation};",
      `struct ${target} *r = (struct ${target} *)chain_publication(nf->chain, ${recordSlots(on.chain, event.name)});`,
      "",
      "if (r == NULL)",
      "\treturn false;",
      `event_inherit(&r->head, EVENT_${event.name}, nf, handle);`,
      "r->head.packet = EVENT_NO_PACKET;",
      ...storedFields(event).map((field) => {
        const name = memberName(field.name);
        return field.type.kind === "text" || field.type.kind === "bytes"
          ? `memcpy(&r->${name}, &w->${name}, sizeof(r->${name}));`
          : `r->${name} = w->${name};`;
      }),
      ...snapshotLines(on, snapshot),
      `nf->chain->raised[EVENT_${event.name}]++;`,
      "nf->chain->nf[nf->number].published++;",
      "return true;",
    ],
  };
}

function snapshotLines(on: Context, fields: readonly string[]): readonly string[] {
  if (fields.length === 0) return [];
  return [
    "{",
    `\tconst struct ${on.chain.name}_flow *f = (const struct ${on.chain.name}_flow *)nf_flow(nf, handle);`,
    "",
    ...fields.flatMap((field) => [
      `\tmemset(&r->${memberName(field)}, 0, sizeof(r->${memberName(field)}));`,
      "\tif (f != NULL)",
      `\t\tr->${memberName(field)} = ${liveFlowValue(field, "f")};`,
    ]),
    "}",
  ];
}

/** A change of the worker's subscriptions: what was kept follows a choice at once. */
function switchFunctions(on: Context): readonly CFunction[] {
  const switchable = on.nf.subscriptions.filter((slot) => slot.selector >= 0);
  if (switchable.length === 0) return [];
  const cases = switchable.flatMap((slot) => {
    const ignore = slot.callbacks.indexOf("ignore");
    const kept =
      slot.stash < 0
        ? []
        : [
            `\tkept = f->stash[${slot.stash}];`,
            `\tf->stash[${slot.stash}] = (struct stash){0};`,
            `\tif (a->argument != ${ignore})`,
            `\t\tstash_visit(&kept, ${on.prefix}_piece_${slot.number}, nf);`,
            "\tstash_free(nf->chain->stack.chunks, &kept);",
          ];
    return [
      `case ${slot.number}:`,
      `\tif (a->argument >= ${slot.callbacks.length})`,
      "\t\treturn;",
      `\tnf_slot_select(&(struct nf_slot){.bit = ${slot.bit}, .selector = ${slot.selector}, .ignore = ${ignore < 0 ? "UINT8_MAX" : ignore}}, f->mask, f->callback, a->argument);`,
      ...kept,
      "\tbreak;",
    ];
  });
  const keeps = switchable.some((slot) => slot.stash >= 0);
  return [
    {
      text: "The worker selects another callback for a flow.",
      inline: "",
      signature: `void ${on.prefix}_switch(struct nf_context *nf, const struct ring_answer *a)`,
      lines: [
        "struct event about = {.flow = {.index = a->flow_index, .generation = a->flow_generation}};",
        `struct ${on.chain.name}_flow *f = (struct ${on.chain.name}_flow *)nf_flow(nf, about.flow);`,
        ...(keeps ? ["struct stash kept;"] : []),
        "",
        "if (f == NULL)",
        "\treturn;",
        "nf->event = &about;",
        "switch (a->subscription) {",
        ...cases,
        "default:",
        "\treturn;",
        "}",
        "nf->chain->nf[nf->number].switched++;",
        ...(keeps ? [`outlet_flush(nf->chain->outlets[${on.nf.outlet}]);`] : []),
      ],
    },
  ];
}

function answerViews(on: Context): readonly object[] {
  const { nf, stub } = on;
  const views: { constant: string; lines: readonly string[] }[] = [];
  const add = (constant: string, ...lines: readonly string[]): void => {
    views.push({ constant, lines });
  };
  if (nf.ir.drops) {
    add("ANSWER_DROP_PACKET", "nf_answer_drop_packet(&nf, flow, a->value);", "return true;");
    add("ANSWER_DROP_FLOW", "nf_drop_flow(&nf, flow);", "return true;");
    add("ANSWER_RESET_FLOW", "nf_reset_flow(&nf, flow);", "return true;");
  }
  if (nf.subscriptions.some((slot) => slot.selector >= 0))
    add("ANSWER_SWITCH", `${on.prefix}_switch(&nf, a);`, "return true;");
  if (nf.timer >= 0) add("ANSWER_SET_TIMER", "nf_set_timer(&nf, flow, (uint32_t)a->value);", "return true;");
  add(
    "ANSWER_ERROR",
    "c->nf[nf.number].errors++;",
    ...(nf.ir.onError === "drop"
      ? [
          "if (nf.packet != EVENT_NO_PACKET)",
          `\tburst_drop(b, nf.packet, VERDICT_DROP_ERROR, ${nf.block < 0 ? "BURST_NOT_DROPPED" : "nf.block"});`,
        ]
      : []),
    "return true;",
  );
  if (stub.setters.length > 0) add("ANSWER_SET_FIELD", ...setFieldLines(stub));
  stub.publishes.forEach((event, i) => {
    add(
      `ANSWER_PUBLISH + ${i}`,
      `return ${on.prefix}_take_${lower(event.name)}(&nf, (const struct ${publishStruct(on, event)} *)a);`,
    );
  });
  return views;
}

/** `argument` is the number of the field among the NF's `writes`; its value follows the head. */
function setFieldLines(stub: StubPlan): readonly string[] {
  const cases = stub.setters.flatMap((field, i) => {
    const write = `packet_write_${memberName(field.name)}`;
    const value = "(const uint8_t *)(a + 1)";
    const call =
      field.name === "payload"
        ? `${write}(p, (uint32_t)a->value, ${value}, a->length)`
        : `${write}(p, ${fromAnswer(field.type.kind === "scalar" ? field.type.name : "u32")})`;
    return [`\tcase ${i}:`, `\t\tburst_written(b, nf.packet, before, ${call});`, "\t\tbreak;"];
  });
  return [
    "{",
    "\tstruct packet *p = b != NULL ? burst_packet(b, nf.packet) : NULL;",
    "\tstruct rte_mbuf *before;",
    "",
    "\tif (p == NULL) {",
    "\t\tc->counters->writes_refused++;",
    "\t\treturn true;",
    "\t}",
    "\tbefore = p->mbuf;",
    "\tswitch (a->argument) {",
    ...cases,
    "\tdefault:",
    "\t\tbreak;",
    "\t}",
    "\treturn true;",
    "}",
  ];
}

function fromAnswer(type: string): string {
  switch (type) {
    case "ip":
      return "(const struct mbx_ip *)(a + 1)";
    case "mac":
      return "(const struct mbx_mac *)(a + 1)";
    case "u8":
      return "(uint8_t)a->value";
    case "u16":
      return "(uint16_t)a->value";
    default:
      return "(uint32_t)a->value";
  }
}
