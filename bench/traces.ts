/** The traces of the bench. */
import { inRuns, type Order, randomOrder, roundRobin, shortFlows } from "./trace/order.ts";
import { CLOSE, HANDSHAKE, packetsEach } from "./trace/script.ts";
import { answersOf, framesOf, imix, requestsOf, type Size, segmentsOf } from "./trace/size.ts";
import type { TraceSpec } from "./trace/spec.ts";

const SEED = 1;
const FEWEST_EACH = 4;
const MILLION = 1 << 20;

const manyFlows = roundRobin(1024);
const runs = inRuns(128, 32);

/** A trace of about so many packets; flows follow from the order, what each sends from the packets. */
function trace(size: Size, order: Order, packets: number): TraceSpec {
  const ofFlow = packets / order.flows - HANDSHAKE - CLOSE;
  return { seed: SEED, size, each: Math.max(FEWEST_EACH, Math.round(ofFlow / packetsEach(size))), order };
}

/** Flows begin in all places of the mix, and each has it as a whole. */
function mixed(order: Order, packets: number): TraceSpec {
  const spec = trace(imix, order, packets);
  const round = imix.payloads.length;
  return { ...spec, each: Math.max(1, Math.round(spec.each / round)) * round };
}

/** About how many packets a trace of small frames has, all kept in memory; those of larger ones have half. */
const PACKETS = 65_536;
const FEWER = PACKETS / 2;

export const traces = {
  small: trace(framesOf(64), manyFlows, PACKETS),
  // A million packets a second, and a tenth of it.
  smallPaced: { ...trace(framesOf(64), manyFlows, PACKETS), gapNs: 1_000 },
  smallSlow: { ...trace(framesOf(64), manyFlows, PACKETS), gapNs: 10_000 },
  smallRuns: trace(framesOf(64), runs, PACKETS),
  // What makes these two is how many flows they have, so their length follows from that.
  smallShort: { seed: SEED, size: framesOf(64), each: 4, order: shortFlows(16_384, 256) },
  smallMillion: { seed: SEED, size: framesOf(64), each: 1, order: randomOrder(MILLION) },
  // As many packets, of which more than half only carry bytes: of a million flows they would
  // not fit into the 4 GiB that packets may take.
  smallHalfMillion: { seed: SEED, size: framesOf(64), each: 8, order: randomOrder(MILLION / 2) },
  middling: trace(framesOf(512), manyFlows, FEWER),
  http: { ...trace(framesOf(512), manyFlows, FEWER), http: { attackEvery: 64 } },
  // Suricata plays a capture once, and stops its threads within the time that it says.
  httpLong: { ...trace(framesOf(512), roundRobin(16_384), 8 * PACKETS), http: { attackEvery: 64 } },
  // As most servers do, these say more than their clients.
  web: { ...trace(answersOf(512, 4096), manyFlows, FEWER), http: { attackEvery: 64, mixed: true } },
  large: trace(segmentsOf(1448), manyFlows, FEWER),
  // So slow that no packet waits for the one before it, where each takes some thousands of cycles.
  largePaced: { ...trace(segmentsOf(1448), manyFlows, FEWER), gapNs: 10_000 },
  largeRuns: trace(segmentsOf(1448), runs, FEWER),
  mix: mixed(manyFlows, FEWER),
  smallRequests: trace(requestsOf(64), manyFlows, PACKETS),
  largeRequests: trace(requestsOf(8192), manyFlows, FEWER),
} as const satisfies Readonly<Record<string, TraceSpec>>;
