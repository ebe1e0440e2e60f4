/** What a worker's answers do: verdicts, publications, switches, writes. */
import type {
  ChainPlan,
  EventPlan,
  FieldPlan,
  NfPlan,
  ProgramPlan,
  SlotPlan,
  StubPlan,
} from "../../plan/plan.ts";
import { isNativeWorker } from "../../plan/stages.ts";
import { liveFlowValue } from "./fields.ts";
import type { CFunction } from "./instance.ts";
import { lower, memberName } from "./names.ts";
import { snapshotCopy } from "./nf-calls.ts";
import { recordSlots, recordStruct, storedFields } from "./records.ts";

/** A network function in a worker, in its chain. */
export interface OutletContext {
  readonly program: ProgramPlan;
  readonly chain: ChainPlan;
  readonly nf: NfPlan;
  readonly stub: StubPlan;
  /** Of all names that are made for it: `ids_alerts`. */
  readonly prefix: string;
}

export function wireStructOf(on: OutletContext, slot: SlotPlan): string {
  return `${on.prefix}_wire_${slot.number}`;
}

export function publishStruct(on: OutletContext, event: EventPlan): string {
  return `${on.prefix}_publish_${lower(event.name)}`;
}

/** A publication of the worker: heard by later NFs in a burst of its own. */
export function publishFunction(on: OutletContext, event: EventPlan): CFunction {
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
  if (isNativeWorker(on.nf)) return placedFunction(on, event, snapshot, signature);
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
      ...storedFields(event).map(takenField),
      ...snapshotLines(on, snapshot),
      `nf->chain->raised[EVENT_${event.name}]++;`,
      "nf->chain->nf[nf->number].published++;",
      "return true;",
    ],
  };
}

function takenField(field: FieldPlan): string {
  const name = memberName(field.name);
  return field.type.kind === "text" || field.type.kind === "bytes"
    ? `memcpy(&r->${name}, &w->${name}, sizeof(r->${name}));`
    : `r->${name} = w->${name};`;
}

/** Of a worker in C: into the log of its burst, which waits for it, before the event that it was made on. */
function placedFunction(
  on: OutletContext,
  event: EventPlan,
  snapshot: readonly string[],
  signature: string,
): CFunction {
  const target = recordStruct(on.chain, event.name);
  const slots = recordSlots(on.chain, event.name);
  const live = snapshotLines(on, snapshot);
  return {
    text: `${event.name}, for the network functions after it: before the event that it was made on.`,
    inline: "",
    signature,
    lines: [
      "struct mbx_flow handle = {.index = w->head.flow_index, .generation = w->head.flow_generation};",
      "struct ring_place place = {.at = w->head.subscription, .behind = w->head.length};",
      "struct event_cursor cursor;",
      "bool caused = nf_answer_cause(nf, place, &cursor);",
      `struct ${target} *r;`,
      "",
      "if (caused)",
      `\tr = (struct ${target} *)event_log_insert(&nf->burst->log, &cursor, ${slots});`,
      "else",
      `\tr = (struct ${target} *)chain_publication(nf->chain, ${slots});`,
      "if (r == NULL && !caused)",
      "\treturn false;",
      "nf->chain->nf[nf->number].published++;",
      "if (r == NULL) {",
      "\tnf_publication_lost(nf);",
      "\treturn true;",
      "}",
      `event_inherit(&r->head, EVENT_${event.name}, nf, handle);`,
      `nf->chain->raised[EVENT_${event.name}]++;`,
      ...storedFields(event).map(takenField),
      "if (!caused)",
      "\tr->head.packet = EVENT_NO_PACKET;",
      ...(live.length === 0
        ? []
        : [
            "if (caused) {",
            ...snapshotCopy(on.program, on.chain, on.nf, snapshot, "r->", "nf->event").map(
              (line) => `\t${line}`,
            ),
            "} else",
            ...live,
          ]),
      "return true;",
    ],
  };
}

function snapshotLines(on: OutletContext, fields: readonly string[]): readonly string[] {
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
export function switchFunctions(on: OutletContext): readonly CFunction[] {
  const switchable = on.nf.subscriptions.filter((slot) => slot.selector >= 0);
  if (switchable.length === 0) return [];
  const keeps = switchable.some((slot) => slot.stash >= 0);
  const cases = switchable.flatMap((slot) => {
    const ignore = slot.callbacks.indexOf("ignore");
    const kept =
      slot.stash < 0
        ? []
        : [
            `\tif (a->argument == ${ignore})`,
            `\t\tstash_free(nf->chain->stack.chunks, &f->stash[${slot.stash}]);`,
            "\telse",
            `\t\tnf_owe(nf, &f->flow, &f->stash[${slot.stash}], ${slot.number});`,
          ];
    return [
      `case ${slot.number}:`,
      `\tif (a->argument >= ${slot.callbacks.length})`,
      "\t\treturn;",
      ...(slot.stash < 0
        ? []
        : [
            "\tif (f == NULL) {",
            `\t\tif (a->argument != ${ignore})`,
            `\t\t\tnf_kept_sent(nf, nf->chain->outlets[${on.nf.outlet}], flow);`,
            "\t\treturn;",
            "\t}",
          ]),
      ...(slot.stash >= 0 || !keeps ? [] : ["\tif (f == NULL)", "\t\treturn;"]),
      `\tnf_slot_select(&(struct nf_slot){.bit = ${slot.bit}, .selector = ${slot.selector}, .ignore = ${ignore < 0 ? "UINT8_MAX" : ignore}}, f->mask, f->callback, a->argument);`,
      ...kept,
      "\tbreak;",
    ];
  });
  return [
    {
      text: "The worker selects another callback for a flow.",
      inline: "",
      signature: `void ${on.prefix}_switch(struct nf_context *nf, const struct ring_answer *a)`,
      lines: [
        "struct mbx_flow flow = {.index = a->flow_index, .generation = a->flow_generation};",
        `struct ${on.chain.name}_flow *f = (struct ${on.chain.name}_flow *)nf_flow(nf, flow);`,
        "",
        ...(keeps ? [] : ["if (f == NULL)", "\treturn;"]),
        "switch (a->subscription) {",
        ...cases,
        "default:",
        "\treturn;",
        "}",
        "nf->chain->nf[nf->number].switched++;",
      ],
    },
  ];
}

export function answerViews(on: OutletContext): readonly object[] {
  const { nf, stub } = on;
  const views: { constant: string; lines: readonly string[] }[] = [];
  const add = (constant: string, ...lines: readonly string[]): void => {
    views.push({ constant, lines });
  };
  if (nf.ir.drops) {
    // Only bytes are named in an answer's value.
    const about = nf.subscriptions.some((slot) => slot.event === "DATA_TCP") ? "a->value" : "0";
    add("ANSWER_DROP_PACKET", `nf_answer_refuse(&nf, VERDICT_DROP, flow, ${about});`, "return true;");
    add("ANSWER_DROP_FLOW", "nf_drop_flow(&nf, flow);", "return true;");
    add("ANSWER_RESET_FLOW", "nf_reset_flow(&nf, flow);", "return true;");
  }
  if (nf.subscriptions.some((slot) => slot.selector >= 0))
    add("ANSWER_SWITCH", `${on.prefix}_switch(&nf, a);`, "return true;");
  if (nf.timer >= 0)
    add(
      "ANSWER_SET_TIMER",
      "memcpy(&nf.answered, a + 1, sizeof(nf.answered));",
      "nf_set_timer(&nf, flow, (uint32_t)a->value);",
      "return true;",
    );
  add(
    "ANSWER_ERROR",
    "c->nf[nf.number].errors++;",
    ...(nf.ir.onError === "drop"
      ? ["if (nf.packet != EVENT_NO_PACKET)", "\tnf_answer_refuse(&nf, VERDICT_DROP_ERROR, flow, a->value);"]
      : []),
    "return true;",
  );
  if (nf.ir.onOverload === "drop")
    add(
      "ANSWER_OVERLOAD",
      "if (nf.packet != EVENT_NO_PACKET)",
      "\tnf_answer_refuse(&nf, VERDICT_DROP_OVERLOAD, flow, a->value);",
      "return true;",
    );
  if (stub.setters.length > 0) add("ANSWER_SET_FIELD", ...setFieldLines(stub));
  stub.publishes.forEach((event, i) => {
    add(
      `ANSWER_PUBLISH + ${i}`,
      "nf.answered = a->value;",
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
    "\tif (burst_refuses_write(p)) {",
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

/** What was kept, as the worker's ring has room; then the worker is told. */
export function feedFunction(on: OutletContext): readonly CFunction[] {
  const kept = on.nf.subscriptions.filter((slot) => slot.stash >= 0);
  if (kept.length === 0) return [];
  return [
    {
      text: "Sends what was kept for a flow that the worker has chosen, as far as there is room.",
      inline: "",
      signature: `bool ${on.prefix}_feed(struct chain *c, struct stash *s)`,
      lines: [
        `struct outlet *o = c->outlets[${on.nf.outlet}];`,
        "struct nf_context nf = {",
        "\t.chain = c,",
        `\t.number = ${on.nf.place},`,
        `\t.place = ${on.nf.place},`,
        "\t.packet = EVENT_NO_PACKET,",
        "};",
        "struct stash_piece piece;",
        "",
        "outlet_flush(o);",
        "while (s->answers > 0) {",
        "\tbool more = stash_peek(s, &piece);",
        "",
        "\tif (outlet_spilled(o))",
        "\t\treturn false;",
        "\tif (!more) {",
        "\t\tnf_kept_sent(&nf, o, s->flow);",
        "\t\ts->answers--;",
        "\t\tcontinue;",
        "\t}",
        ...(kept.length === 1
          ? [`\t${on.prefix}_piece_${kept[0]?.number}(&nf, s->flow, &piece);`]
          : [
              "\tswitch (s->subscription) {",
              ...kept.flatMap((slot) => [
                `\tcase ${slot.number}:`,
                `\t\t${on.prefix}_piece_${slot.number}(&nf, s->flow, &piece);`,
                "\t\tbreak;",
              ]),
              "\tdefault:",
              "\t\tbreak;",
              "\t}",
            ]),
        "\tstash_pop(c->stack.chunks, s);",
        "}",
        "outlet_flush(o);",
        "s->owed = false;",
        "return true;",
      ],
    },
  ];
}
