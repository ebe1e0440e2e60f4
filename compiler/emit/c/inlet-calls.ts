/** What a handler's calls do on another core than the stack: they write answers. */
import { eventPlan } from "../../plan/events.ts";
import { layoutFields } from "../../plan/layout.ts";
import type { EventPlan, ProgramPlan, StubPlan } from "../../plan/plan.ts";
import { messageOf, publishLayout, wireFields } from "../../plan/wire.ts";
import { flowRecord, outletOf } from "./inlet.ts";
import type { Instance } from "./instance.ts";
import { copyField, memberName, upper } from "./names.ts";
import { publishStruct, wireStructOf } from "./outlet-answers.ts";
import { choiceSlots } from "./state.ts";
import type { CallC } from "./stub.ts";

const ANSWER = "inlet_answer(ctx->inlet, ctx->event";

/** Statements of a call in one instance. */
export function answerBody(
  program: ProgramPlan,
  stub: StubPlan,
  one: Instance,
  call: CallC,
): readonly string[] {
  switch (call.kind) {
    case "switch":
      return switchBody(stub, one);
    case "publish":
      return publishBody(program, stub, one, eventPlan(program.events, call.subject));
    case "state":
      return stateBody(stub, one);
    case "instance":
      return ["return ctx->inlet->instance;"];
    case "drop_packet":
      return dropBody(program, stub, one);
    case "drop_flow":
      return [`(void)${ANSWER}, ANSWER_DROP_FLOW, 1, flow);`];
    case "reset_flow":
      return [`(void)${ANSWER}, ANSWER_RESET_FLOW, 1, flow);`];
    case "set_timer":
      return [
        `struct ring_answer *a = ${ANSWER}, ANSWER_SET_TIMER, 1, flow);`,
        "",
        "a->value = milliseconds;",
        "memcpy(a + 1, &ctx->event->time, sizeof(ctx->event->time));",
      ];
    case "set":
      return setterBody(stub, call.subject);
  }
}

function switchBody(stub: StubPlan, one: Instance): readonly string[] {
  const switchable = choiceSlots(one.nf);
  const cases = stub.callbacks.flatMap((callback) => [
    `case ${upper(stub.nf.name)}_${upper(callback.name)}:`,
    ...callback.at.flatMap(({ subscription, index }) => {
      const choice = switchable.findIndex((slot) => slot.number === subscription);
      if (choice < 0) return [];
      return [
        "\tif (kept != NULL)",
        `\t\tkept->choice[${choice}] = ${index + 1};`,
        `\tinlet_switch(ctx->inlet, ctx->event, flow, ${subscription}, ${index});`,
      ];
    }),
    "\tbreak;",
  ]);
  return [
    `struct ${flowRecord(one)} *kept = inlet_record(ctx->inlet, flow, sizeof(*kept));`,
    "",
    "switch (to) {",
    ...cases,
    "}",
  ];
}

function publishBody(
  program: ProgramPlan,
  stub: StubPlan,
  one: Instance,
  event: EventPlan,
): readonly string[] {
  const struct = publishStruct(outletOf(program, stub, one), event);
  const layout = publishLayout(event);
  const number = stub.publishes.findIndex((each) => each.name === event.name);
  const flow = event.flow ? "e->flow" : "(struct mbx_flow){.index = FLOW_NONE}";
  return [
    `struct ${struct} *w = (struct ${struct} *)${ANSWER}, ANSWER_PUBLISH + ${number}, ${layout.slots}, ${flow});`,
    "struct ring_place place = ((const struct ring_placed *)ctx->event)->place;",
    "",
    "w->head.value = ctx->event->time;",
    "w->head.subscription = place.at;",
    "w->head.length = place.behind;",
    ...layout.fields.map(({ field }) =>
      copyField(field.type, `w->${memberName(field.name)}`, `e->${memberName(field.name)}`),
    ),
  ];
}

function stateBody(stub: StubPlan, one: Instance): readonly string[] {
  return [
    `static _Thread_local struct ${stub.nf.name}_state stale;`,
    `struct ${flowRecord(one)} *kept = inlet_record(ctx->inlet, flow, sizeof(*kept));`,
    "",
    "if (kept != NULL)",
    "\treturn &kept->state;",
    "memset(&stale, 0, sizeof(stale));",
    "return &stale;",
  ];
}

/** Where the event is DATA_TCP the stack is told from which byte on. */
function dropBody(program: ProgramPlan, stub: StubPlan, one: Instance): readonly string[] {
  const on = outletOf(program, stub, one);
  const cases = one.nf.subscriptions
    .filter((slot) => wireFields(stub, messageOf(stub, slot.number)).some((field) => field.name === "seq"))
    .filter((slot) => slot.event === "DATA_TCP")
    .flatMap((slot) => [
      `case ${slot.number}:`,
      `\ta->value = inlet_bytes_refused(e, ((const struct ${wireStructOf(on, slot)} *)e)->seq);`,
      "\tbreak;",
    ]);
  const flow = "(struct mbx_flow){.index = e->flow_index, .generation = e->flow_generation}";
  if (cases.length === 0)
    return [
      "const struct ring_event *e = ctx->event;",
      "",
      `(void)inlet_answer(ctx->inlet, e, ANSWER_DROP_PACKET, 1, ${flow});`,
    ];
  return [
    "const struct ring_event *e = ctx->event;",
    `struct ring_answer *a = inlet_answer(ctx->inlet, e, ANSWER_DROP_PACKET, 1, ${flow});`,
    "",
    "switch (e->kind) {",
    ...cases,
    "default:",
    "\tbreak;",
    "}",
  ];
}

function setterBody(stub: StubPlan, subject: string): readonly string[] {
  const number = stub.setters.findIndex((field) => field.name === subject);
  const field = stub.setters[number];
  if (field === undefined) throw new Error(`${stub.nf.name} does not write ${subject}`);
  if (subject === "payload")
    return [`inlet_set_payload(ctx->inlet, ctx->event, ${number}, offset, bytes, len);`];
  const isBlock = field.type.kind === "scalar" && (field.type.name === "ip" || field.type.name === "mac");
  const flow = "(struct mbx_flow){.index = FLOW_NONE}";
  return [
    `struct ring_answer *a = ${ANSWER}, ANSWER_SET_FIELD, ${layoutFields([field]).slots}, ${flow});`,
    "",
    `a->argument = ${number};`,
    isBlock ? "memcpy(a + 1, &value, sizeof(value));" : "a->value = value;",
  ];
}
