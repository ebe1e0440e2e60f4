/** What a handler's calls do in one instance of its network function. */
import { eventPlan } from "../../plan/events.ts";
import type { ChainPlan, EventPlan, NfPlan, ProgramPlan, StubPlan } from "../../plan/plan.ts";
import { hearings } from "./hear.ts";
import type { Instance } from "./instance.ts";
import { copyField, memberName, upper } from "./names.ts";
import { recordSlots, recordStruct, storedFields } from "./records.ts";
import { stateRecordSize } from "./state.ts";
import type { CallC } from "./stub.ts";

/** Statements of a call in one instance. */
export function callBody(
  program: ProgramPlan,
  stub: StubPlan,
  one: Instance,
  call: CallC,
): readonly string[] {
  switch (call.kind) {
    case "switch":
      return switchBody(stub, one);
    case "publish":
      return publishBody(program, one, eventPlan(program.events, call.subject));
    case "state":
      return stateBody(stub, one);
    case "instance":
      return [`return ctx->nf.chain->instance[${one.nf.place}];`];
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
            : [
                `\tnf_replay_request(&ctx->nf, &ctx->replays, &f->flow, &f->stash[${slot.stash}], ${slot.number});`,
              ]),
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
export function snapshotCopy(
  program: ProgramPlan,
  chain: ChainPlan,
  nf: NfPlan,
  fields: readonly string[],
  to = "r->",
  from = "ctx->nf.event",
): readonly string[] {
  if (fields.length === 0) return [];
  const heard = [...new Set(hearings(program, chain, nf).map((hearing) => hearing.event.name))];
  return [
    `switch (${from}->type) {`,
    ...heard.flatMap((name) => [
      `case EVENT_${name}: {`,
      `\tconst struct ${recordStruct(chain, name)} *from = (const struct ${recordStruct(chain, name)} *)${from};`,
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
    "if (burst_refuses_write(p)) {",
    "\tctx->nf.chain->counters->writes_refused++;",
    "\treturn;",
    "}",
    "before = p->mbuf;",
    `burst_written(ctx->nf.burst, ctx->nf.packet, before, packet_write_${name}(p, ${args}));`,
  ];
}
