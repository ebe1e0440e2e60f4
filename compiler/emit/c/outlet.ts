/** The stack's side of a network function that runs in a worker. */
import { eventPlan } from "../../plan/events.ts";
import type { Layout } from "../../plan/layout.ts";
import type { ChainPlan, NfPlan, ProgramPlan, SlotPlan, StubPlan } from "../../plan/plan.ts";
import { isNativeWorker } from "../../plan/stages.ts";
import { messageOf, placeField, publishLayout, wireLayout } from "../../plan/wire.ts";
import { render } from "../template.ts";
import { liveFlowValue } from "./fields.ts";
import { flowMayBeNull, type Hearing, hearings, hearTests, messageValues } from "./hear.ts";
import type { CFunction } from "./instance.ts";
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
import { lower, memberName, storedType } from "./names.ts";
import {
  answerViews,
  feedFunction,
  type OutletContext,
  publishFunction,
  publishStruct,
  switchFunctions,
  wireStructOf,
} from "./outlet-answers.ts";
import { recordStruct } from "./records.ts";
import { followFunction } from "./settling.ts";

export function outletUnit(
  program: ProgramPlan,
  chain: ChainPlan,
  nf: NfPlan,
  stub: StubPlan,
  banner: string,
): string {
  const on: OutletContext = { program, chain, nf, stub, prefix: `${chain.name}_${nf.name}` };
  const heard = hearings(program, chain, nf);
  const events = [...new Set(heard.map((hearing) => hearing.event.name))];
  const follow = followFunction(chain, nf, on.prefix);
  return render("c/outlet.c", {
    banner,
    nf: nf.name,
    chain: chain.name,
    prefix: on.prefix,
    place: nf.place,
    outlet: nf.outlet,
    block: Math.max(0, nf.block),
    timer: Math.max(0, nf.timer),
    where: isNativeWorker(nf) ? "on another core" : "in a worker",
    wireHeader: isNativeWorker(nf) ? [wireHeaderName(on)] : [],
    wires: isNativeWorker(nf) ? [] : wireViews(on),
    places: isNativeWorker(nf) && stub.publishes.length > 0,
    functions: [
      ...heard.map((hearing) => sendFunction(on, hearing)),
      ...missedFunctions(on, heard),
      ...nf.subscriptions.filter((slot) => slot.stash >= 0).map((slot) => pieceFunction(on, slot)),
      ...heard.map((hearing) => hearFunction(on, hearing)),
      ...(follow === undefined ? [] : [follow]),
      ...stub.publishes.map((event) => publishFunction(on, event)),
      ...switchFunctions(on),
    ],
    feeds: feedFunction(on),
    cases: [...new Set([...events, ...(follow === undefined ? [] : ["DATA_TCP"])])].map((name) => ({
      constant: `EVENT_${name}`,
      lines: [
        ...(name === "DATA_TCP" && follow !== undefined
          ? [`${on.prefix}_follow(e, ${flowOf(on, "e")});`]
          : []),
        ...heard
          .filter((hearing) => hearing.event.name === name)
          .map(
            (hearing) =>
              `${on.prefix}_hear_${hearing.slot.number}_${lower(name)}(o, &nf, e, ${flowOf(on, "e")});`,
          ),
      ],
    })),
    answers: answerViews(on),
  });
}

export function wireHeaderName(on: OutletContext): string {
  return `${on.prefix}_wire.h`;
}

/** Both units of a function in C on another core include its records. */
export function wireHeader(on: OutletContext, banner: string): string {
  return render("c/wire.h", { banner, nf: on.nf.name, chain: on.chain.name, wires: wireViews(on) });
}

function wireViews(on: OutletContext): readonly object[] {
  return [
    ...on.nf.subscriptions.map((slot) =>
      wireView(
        wireStructOf(on, slot),
        "struct ring_event head;",
        wireLayout(on.stub, messageOf(on.stub, slot.number)),
        `${slot.event} as the worker reads it.`,
      ),
    ),
    ...on.stub.publishes.map((event) =>
      wireView(
        publishStruct(on, event),
        "struct ring_answer head;",
        publishLayout(event),
        `${event.name} as the worker publishes it.`,
      ),
    ),
  ];
}

function flowOf(on: OutletContext, e: string): string {
  return `(struct ${on.chain.name}_flow *)chain_flow_of(c, ${e})`;
}

function wireView(struct: string, head: string, layout: Layout, text: string): object {
  return {
    text,
    struct,
    head,
    members: layout.fields.map(({ field }) =>
      field === placeField
        ? `struct ring_place ${field.name};`
        : `${storedType(field.type, memberName(field.name))};`,
    ),
    asserts: layout.fields.map((placed) => ({
      member: memberName(placed.field.name),
      offset: placed.offset,
    })),
  };
}

function parameters(on: OutletContext): string {
  return `struct outlet *o, struct nf_context *nf, struct event *e, struct ${on.chain.name}_flow *f`;
}

function withDeclarations(on: OutletContext, hearing: Hearing, body: readonly string[]): readonly string[] {
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
function sendFunction(on: OutletContext, hearing: Hearing): CFunction {
  const { slot, event } = hearing;
  const struct = wireStructOf(on, slot);
  const layout = wireLayout(on.stub, messageOf(on.stub, slot.number));
  const values = messageValues(on.program, on.nf, hearing, "nf->burst");
  const fills = layout.fields.flatMap((placed) => {
    const name = memberName(placed.field.name);
    if (placed.field === placeField) return [`w->${name} = nf->log;`];
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
      ? ["\tif (e->packet != EVENT_NO_PACKET)", "\t\tnf_refuse(nf, VERDICT_DROP_OVERLOAD);"]
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
        "else",
        `\tw->${name} = (struct ring_data){.len = 0};`,
      ]
    : [`w->${name} = chain_ring_data(nf->chain, ${value}, ${length});`];
}

/** Whose bytes the record points into. */
function ownerOf(on: OutletContext, hearing: Hearing): string {
  const subscribed = eventPlan(on.program.events, hearing.slot.event);
  if (subscribed.fields.some((field) => field.type.kind === "data")) return "r->data.owner";
  if (on.nf.ir.reads.includes("payload")) return "p != NULL ? owner_of_mbuf(p->mbuf) : OWNER_NONE";
  return "OWNER_NONE";
}

function hearFunction(on: OutletContext, hearing: Hearing): CFunction {
  const { slot, event } = hearing;
  const ignore = slot.callbacks.indexOf("ignore");
  const keep =
    slot.stash < 0
      ? []
      : [
          `if (f->stash[${slot.stash}].owed) { /* behind what was kept before */`,
          `\tchain_keep(nf->chain, &f->stash[${slot.stash}], UINT32_MAX, (struct event_data *)e);`,
          "\treturn;",
          "}",
          `if (f->callback[${slot.selector}] == ${ignore}) {`,
          `\tif (!chain_keep(nf->chain, &f->stash[${slot.stash}], ${slot.fromStart}, (struct event_data *)e))`,
          `\t\t${clearBit("f", slot.bit)}`,
          "\treturn;",
          "}",
        ];
  const body = [
    ...hearTests(on.program, on.chain, on.nf, hearing, "nf->"),
    ...keep,
    ...(tellsMissed(slot, event.name) ? tellLines(slot, `${missedName(on.prefix, slot)}(o, nf, e, f);`) : []),
    `${on.prefix}_send_${slot.number}_${lower(event.name)}(o, nf, e, f);`,
  ];
  return {
    text: `${on.nf.name}: subscribe ${slot.event}${event.name === slot.event ? "" : `, here ${event.name}`}`,
    inline: "inline ",
    signature: `void ${on.prefix}_hear_${slot.number}_${lower(event.name)}(${parameters(on)})`,
    lines: withDeclarations(on, hearing, body),
  };
}

/** What a flow that goes on has missed, for whoever hears FLOW_GAP. */
function missedFunctions(on: OutletContext, heard: readonly Hearing[]): readonly CFunction[] {
  const slots = on.nf.subscriptions.filter((slot) => slot.heard >= 0);
  const gaps = slots.length === 0 ? [] : heard.filter((hearing) => hearing.event.name === "FLOW_GAP");
  const tell = gaps.map(
    (hearing): CFunction => ({
      text: `${on.nf.name}: subscribe ${hearing.slot.event}, here of what it missed`,
      inline: "",
      signature: `void ${on.prefix}_tell_${hearing.slot.number}(${parameters(on)})`,
      lines: withDeclarations(on, hearing, [
        ...hearTests(on.program, on.chain, on.nf, hearing, "nf->", true),
        `${on.prefix}_send_${hearing.slot.number}_flow_gap(o, nf, e, f);`,
      ]),
    }),
  );
  const missed = slots.map(
    (slot): CFunction => ({
      text: missedText(slot),
      inline: "",
      signature: `void ${missedName(on.prefix, slot)}(${parameters(on)})`,
      lines: missedLines(
        on.chain,
        slot,
        gaps.map((hearing) => `${on.prefix}_tell_${hearing.slot.number}(o, nf, &r.head, f);`),
      ),
    }),
  );
  return [...holeFunction(on.chain, on.nf, on.prefix), ...tell, ...missed];
}

function pieceFunction(on: OutletContext, slot: SlotPlan): CFunction {
  const record = on.chain.records.find((each) => each.event === "DATA_TCP");
  const struct = recordStruct(on.chain, "DATA_TCP");
  return {
    text: "One piece of what was kept, as it would have been sent.",
    inline: "",
    signature: `void ${on.prefix}_piece_${slot.number}(struct nf_context *nf, struct mbx_flow flow, const struct stash_piece *piece)`,
    lines: [
      `struct ${on.chain.name}_flow *f = (struct ${on.chain.name}_flow *)nf_flow(nf, flow);`,
      `struct ${struct} r = {0};`,
      `struct outlet *o = nf->chain->outlets[${on.nf.outlet}];`,
      "struct event *e = &r.data.head;",
      "",
      "if (f == NULL)",
      "\treturn;",
      "chain_piece_record(&r.data, &f->flow, piece, nf->packet);",
      ...(record?.snapshot ?? []).map(
        (field) => `r.${memberName(field.name)} = ${liveFlowValue(field.name, "f")};`,
      ),
      ...(slot.heard < 0
        ? []
        : [...advanceLines(slot, false), ...tellLines(slot, `${missedName(on.prefix, slot)}(o, nf, e, f);`)]),
      `${on.prefix}_send_${slot.number}_data_tcp(o, nf, e, f);`,
    ],
  };
}
