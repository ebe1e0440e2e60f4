/** The attacks, each in the size that somebody asked for. */
import type { Attack } from "./attack.ts";
import { flood, fragments, type Shot, shots } from "./traffic/floods.ts";
import { backwards, backwardsWhole, holes, standing, together } from "./traffic/holders.ts";

const MINUTE = 60_000;
/** Of the capture: ten million packets a second. */
const FULL_SPEED = 100;
/** What each honest connection sends. */
const SEGMENTS = 40;

/** Options of the stack. */
interface Bounds {
  readonly flows: string;
  readonly buffer: string;
}

/** How large an attack is: as the claims say it, or as a test has time for. */
export interface Size {
  /** Packets of a flood. */
  readonly packets: number;
  /** Established flows that hold something. */
  readonly holders: number;
  /** One-byte segments. */
  readonly bytes: number;
  readonly witnesses: number;
  /** Where the table is what runs out, and where memory is. */
  readonly small: Bounds;
  readonly large: Bounds;
  /** Milliseconds. */
  readonly limit: number;
}

export const FULL: Size = {
  packets: 10_000_000,
  holders: 1_000_000,
  bytes: 1_000_000,
  witnesses: 1_000,
  small: { flows: "100_000", buffer: "64MB" },
  large: { flows: "1_000_000", buffer: "64MB" },
  limit: 20 * MINUTE,
};

/** All with the same bounds, so that one build serves them. */
const SHORT_BOUNDS: Bounds = { flows: "10_000", buffer: "8MB" };

export const SHORT: Size = {
  packets: 100_000,
  holders: 20_000,
  bytes: 100_000,
  witnesses: 100,
  small: SHORT_BOUNDS,
  large: SHORT_BOUNDS,
  limit: 2 * MINUTE,
};

type Kind = Pick<Attack, "name" | "says" | "met">;

function flooded({ packets: count, witnesses, small, limit }: Size, kind: Kind, shot: Shot): Attack {
  return {
    ...kind,
    chain: "guard",
    settings: { ...small },
    gap: FULL_SPEED,
    traffic: (tape) => flood(tape, { count, shot, witnesses, segments: SEGMENTS }),
    witnesses,
    limit,
  };
}

function floods(size: Size): readonly Attack[] {
  const met = ["flows.ended_evicted"];
  return [
    flooded(size, { name: "synflood", says: "SYNs from random sources", met }, shots.syn),
    flooded(
      size,
      { name: "synackflood", says: "answers to connections that nobody began", met },
      shots.synAck,
    ),
    flooded(size, { name: "ackflood", says: "ACKs of no connection", met }, shots.ack),
    flooded(size, { name: "dataflood", says: "data of no connection", met }, shots.data),
    flooded(size, { name: "halfopen", says: "SYNs, and data before the answer", met }, shots.halfOpenData),
    flooded(size, { name: "rstflood", says: "resets of no connection", met: [] }, shots.rst),
    flooded(
      size,
      { name: "fragments", says: "datagrams that never get whole", met: ["fragments.evicted"] },
      fragments,
    ),
    flooded(size, { name: "udpflood", says: "datagrams from random sources", met }, shots.udp),
  ];
}

function holders({ holders: flows, bytes, witnesses, small, large, limit }: Size): readonly Attack[] {
  const held = { flows, witnesses, segments: SEGMENTS };
  const each = { chain: "guard", gap: FULL_SPEED, witnesses, limit };
  return [
    {
      ...each,
      name: "holes",
      says: "established flows with a hole each, which is never filled",
      settings: { ...large },
      traffic: (tape) => holes(tape, held),
      met: ["held.lost", "tcp.gaps"],
    },
    {
      ...each,
      name: "backwards",
      says: "one flow whose bytes come one a segment, backwards",
      settings: { ...small },
      traffic: (tape) => backwardsWhole(tape, { ...held, flows: 1, bytes }),
      met: ["tcp.out_of_order"],
    },
    {
      ...each,
      name: "backwards1000",
      says: "a thousand flows with one-byte segments backwards, whose holes are never filled",
      settings: { ...small },
      traffic: (tape) => backwards(tape, { ...held, flows: 1_000, bytes: Math.ceil(bytes / 1_000) }),
      met: ["tcp.out_of_order"],
    },
    {
      ...each,
      name: "standing",
      says: "connections that are established, send a byte and never close",
      settings: { ...small },
      traffic: (tape) => standing(tape, { ...held, bytes: 1 }),
      met: ["flows.ended_evicted"],
    },
  ];
}

/** Functions that are slower than the traffic, and those that keep much. */
function slowness(size: Size): readonly Attack[] {
  const kind = {
    name: "slow",
    says: "SYNs from random sources, and a worker that is slow to hear of them",
    met: ["flows.ended_evicted"],
  };
  const keeping = {
    chain: "keeper",
    gap: FULL_SPEED,
    settings: { ...size.large },
    witnesses: size.witnesses,
    limit: size.limit,
  };
  const held = { flows: size.holders, witnesses: size.witnesses, segments: SEGMENTS };
  return [
    {
      ...keeping,
      name: "stash",
      says: "connections whose first bytes a function wants kept",
      traffic: (tape) => standing(tape, { ...held, bytes: 1_000 }),
      met: ["held.from_start_lost"],
    },
    {
      ...keeping,
      name: "together",
      says: "connections that begin in one instant, so that their timers are due together",
      traffic: (tape) =>
        together(tape, { ...held, flows: 0.9 * Number(size.large.flows.replaceAll("_", "")), bytes: 1 }),
      met: ["flows.ended_idle", "TIMER"],
    },
    { ...flooded({ ...size, packets: Math.min(size.packets, 1_000_000) }, kind, shots.syn), chain: "slow" },
  ];
}

export const attacks = (size: Size): readonly Attack[] => [
  ...floods(size),
  ...holders(size),
  ...slowness(size),
];
