/** What a trace is made of, its name, and what is in it exactly. */
import { FIN, HEADERS, SYN } from "./frame.ts";
import type { Order } from "./order.ts";
import { type Script, type Step, scriptsOf } from "./script.ts";
import type { Size } from "./size.ts";

export interface TraceSpec {
  readonly seed: number;
  readonly size: Size;
  /** Segments or requests of each flow. */
  readonly each: number;
  readonly order: Order;
  readonly http?: HttpSpec;
  /** Nanoseconds between frames, where the capture is played at its own pace. */
  readonly gapNs?: number;
}

/** The bytes are HTTP. */
export interface HttpSpec {
  /** Every how manyth flow has an attack, in its second segment. */
  readonly attackEvery: number;
  /**
   * Of four flows one is HTTP, two are TLS, and one is something else; halfway between two
   * flows with an attack the server of one says more than it should in its first segment.
   */
  readonly mixed?: true;
}

export type Application = "http" | "tls" | "other";
const MIX: readonly Application[] = ["http", "tls", "other", "tls"];

export function applicationOf({ http }: TraceSpec, flow: number): Application {
  if (http === undefined) return "other";
  return http.mixed === true ? (MIX[flow % MIX.length] ?? "other") : "http";
}

/** What a lap over the trace must count. */
export interface TraceCounts {
  readonly packets: number;
  /** Of frames as a capture has them. */
  readonly bytes: number;
  readonly flows: number;
  /** Segments with payload, and their payload's bytes. */
  readonly client: Sent;
  readonly server: Sent;
  /** How many of each event a `monitor` raises where all are heard. */
  readonly events: Readonly<Record<TraceEvent, number>>;
  readonly attacks: number;
  /** Flows of HTTP, and of these those whose server says more than it should. */
  readonly httpFlows: number;
  readonly leaks: number;
  /** Packets of flows with an attack, from the attack on. */
  readonly attacked: number;
}

export interface Sent {
  readonly segments: number;
  readonly payload: number;
}

export type TraceEvent = "PKT_TCP" | "FLOW_START" | "FLOW_ESTABLISHED" | "FLOW_END" | "DATA_TCP";

/** Segment of a flow that has the attack. */
export const ATTACK_SEGMENT = 1;

/** A SYN and its answer carry options. */
export const SYN_OPTION_BYTES = 8;

/** A reader knows the trace by it; two specifications of one bench never share it. */
export function traceName({ size, order, http, gapNs }: TraceSpec): string {
  const words = http === undefined ? "" : http.mixed === true ? " of HTTP, TLS and others" : " of HTTP";
  const pace = gapNs === undefined ? "" : `, one in ${gapNs / 1000} us`;
  return `${size.label}${words}, ${order.label}${pace}`;
}

export const hasAttack = ({ http }: TraceSpec, flow: number): boolean =>
  http !== undefined && flow % http.attackEvery === 0;

export const hasLeak = ({ http }: TraceSpec, flow: number): boolean =>
  http?.mixed === true && flow % http.attackEvery === http.attackEvery / 2;

export const isLeak = (step: Step): boolean => !step.fromClient && step.payload > 0 && step.segment === 0;

export const isAttack = (step: Step): boolean =>
  step.fromClient && step.payload > 0 && step.segment === ATTACK_SEGMENT;

const frameBytes = ({ flags, payload }: Step): number =>
  HEADERS + payload + ((flags & SYN) === 0 ? 0 : SYN_OPTION_BYTES);

function sentBy(script: Script, client: boolean): Sent {
  const steps = script.filter(({ fromClient, payload }) => fromClient === client && payload > 0);
  return { segments: steps.length, payload: steps.reduce((sum, { payload }) => sum + payload, 0) };
}

/** Adds up `of` each flow's script. */
function total(flows: number, scripts: readonly Script[], of: (script: Script) => number): number {
  return scripts.reduce((sum, script, i) => sum + of(script) * Math.ceil((flows - i) / scripts.length), 0);
}

/** The first one is as far behind an attack as it is before the next. */
function leaksIn({ http, order }: TraceSpec): number {
  if (http?.mixed !== true) return 0;
  return Math.max(0, Math.ceil((order.flows - http.attackEvery / 2) / http.attackEvery));
}

export function traceCounts(spec: TraceSpec): TraceCounts {
  const scripts = scriptsOf(spec.size, spec.each);
  const { flows } = spec.order;
  const sum = (of: (script: Script) => number): number => total(flows, scripts, of);
  const sent = (client: boolean): Sent => ({
    segments: sum((script) => sentBy(script, client).segments),
    payload: sum((script) => sentBy(script, client).payload),
  });
  const [client, server] = [sent(true), sent(false)];
  const packets = sum((script) => script.length);
  const attacks = spec.http === undefined ? 0 : Math.ceil(flows / spec.http.attackEvery);
  const [first = []] = scripts;
  return {
    packets,
    bytes: sum((script) => script.reduce((bytes, step) => bytes + frameBytes(step), 0)),
    flows,
    client,
    server,
    events: {
      PKT_TCP: packets,
      FLOW_START: flows,
      FLOW_ESTABLISHED: flows,
      FLOW_END: sum((script) => script.filter(({ flags }) => (flags & FIN) !== 0).length) / 2,
      DATA_TCP: client.segments + server.segments,
    },
    attacks,
    httpFlows: spec.http === undefined ? 0 : Math.ceil(flows / (spec.http.mixed === true ? MIX.length : 1)),
    leaks: leaksIn(spec),
    attacked: attacks * (first.length - first.findIndex(isAttack)),
  };
}
